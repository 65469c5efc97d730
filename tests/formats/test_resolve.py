"""What names of accelerators and instances in configs stand for, and versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.formats import resolve
from planner.units import GIB
from planner.workload import Hardware


def known(
    accelerator: str | None = None, memory: object = None, instance: str | None = None, count: int | None = None
) -> Hardware:
    found, wrong = resolve.hardware(accelerator, memory, instance, count)
    assert wrong is None
    assert found is not None
    return found


def test_nothing_stated_is_nothing_found() -> None:
    assert resolve.hardware(None) == (None, None)


def test_a_count_alone_is_kept() -> None:
    assert known(count=2) == Hardware(count=2)


@pytest.mark.parametrize(
    ("memory", "least", "most"),
    [("24GB", 24 * 10**9, 24 * GIB), ("80GiB", 80 * GIB, 80 * GIB), (85_899_345_920, 80 * GIB, 80 * GIB)],
)
def test_a_memory_size_is_read_both_ways(memory: object, least: int, most: int) -> None:
    assert known(memory=memory, count=2) == Hardware(None, 2, least, most)


# Totals that drivers and torch report for these cards: nvidia-smi 81559 MiB, torch.cuda 79.1 GiB and 22.03 GiB.
@pytest.mark.parametrize(
    ("name", "least", "most"), [("H100-80GB", 78.9, 80), ("A100-80GB", 78.9, 80), ("L4", 21.9, 24)]
)
def test_an_accelerator_has_what_its_driver_reports(name: str, least: float, most: float) -> None:
    found = known(name)
    assert found.memory is not None
    assert found.memory_max is not None
    assert least * GIB <= found.memory <= found.memory_max <= most * GIB


# NVIDIA's data sheet: the PCIe card computes at 756 TFLOP/s dense in bfloat16, the SXM module at 989.
def test_of_several_forms_the_common_module_is_meant() -> None:
    row = known("H100-80GB").row
    assert row is not None
    assert row["flops"]["bf16"] == pytest.approx(989e12, rel=0.01)  # type: ignore[index]


def test_an_ambiguous_name_is_read_both_ways_and_says_so() -> None:
    found = known("A100")
    assert found.name == "A100 (40 or 80 GB)"
    assert found.memory is not None
    assert found.memory_max is not None
    assert found.memory < 41 * GIB < 78 * GIB < found.memory_max
    assert found.row is None


@pytest.mark.parametrize(("size", "like"), [("80GB", "A100-80GB"), ("40GB", "A100-40GB")])
def test_a_memory_size_decides_between_those_of_a_name(size: str, like: str) -> None:
    chosen, wanted = known("A100", size), known(like)
    assert (chosen.memory, chosen.memory_max, chosen.dtypes) == (wanted.memory, wanted.memory_max, wanted.dtypes)


def test_an_exact_memory_size_is_believed() -> None:
    found = known("H100-80GB", "70GiB")
    assert (found.memory, found.memory_max) == (70 * GIB, 70 * GIB)
    assert found.dtypes is not None
    assert "fp8" in found.dtypes


def test_a_memory_size_that_no_such_card_has_is_believed() -> None:
    found = known("RTX 2080 Ti", "22GB")
    assert (found.memory, found.memory_max) == (22 * 10**9, 22 * GIB)


def test_a_memory_size_in_the_name_that_no_such_card_has_is_believed() -> None:
    found = known("RTX2080Ti-22GB")
    assert (found.memory, found.memory_max) == (22 * 10**9, 22 * GIB)
    assert found.dtypes == known("RTX 2080 Ti").dtypes


@pytest.mark.parametrize(("written", "meant"), [("A100-80", "A100-80GB"), ("A5000-24", "RTX A5000")])
def test_a_memory_size_in_the_name_may_lack_its_unit(written: str, meant: str) -> None:
    assert known(written).memory == known(meant).memory


def test_a_memory_size_in_an_unknown_name_is_taken_and_said() -> None:
    found, wrong = resolve.hardware("Next-1-128GB", count=2)
    assert found == Hardware("Next-1-128GB", 2, 128 * 10**9, 128 * GIB)
    assert wrong is not None
    assert "128 GB are taken from its name" in wrong


@pytest.mark.parametrize("name", ["GTX 9999", "Next-1", "L4-999"])
def test_a_number_in_an_unknown_name_is_no_memory_size(name: str) -> None:
    found, wrong = resolve.hardware(name)
    assert found == Hardware(name)
    assert wrong


def test_an_unknown_accelerator_with_its_memory_is_enough() -> None:
    assert known("Next-1", "128GB", count=4) == Hardware("Next-1", 4, 128 * 10**9, 128 * GIB)


def test_an_unknown_accelerator_keeps_its_name_and_says_what_would_help() -> None:
    found, wrong = resolve.hardware("H1000", count=8)
    assert found == Hardware("H1000", 8)
    assert wrong is not None
    assert wrong.splitlines()[0] == "no accelerator is called `H1000`"
    assert "H100" in wrong.splitlines()[1]
    assert "`memory: 80GB`" in wrong.splitlines()[2]


@pytest.mark.parametrize(
    ("name", "several", "count", "expected"),
    [
        ("H100-80GB", None, None, None),
        ("H100-80GB:8", 8, None, 8),
        ("4xL4", 4, None, 4),
        ("L4", None, 2, 2),
        ("L4:4", 4, 2, 2),
    ],
)
def test_a_count_may_stand_with_the_name(
    name: str, several: int | None, count: int | None, expected: int | None
) -> None:
    assert resolve.split_count(name)[1] == several
    assert known(name, count=count).count == expected


@pytest.mark.parametrize(
    ("written", "name", "count"),
    [
        ("4xL4", "L4", 4),
        ("8x H100", "H100", 8),
        ("8 × H100-80GB", "H100-80GB", 8),
        ("H100-80GB:8", "H100-80GB", 8),
        ("24GB:2", "24GB", 2),
        ("RTX 4090 x2", "RTX 4090", 2),
        (" L4 ", "L4", None),
        ("MI300X", "MI300X", None),
        ("MI300X:8", "MI300X", 8),
        ("RTX 4090", "RTX 4090", None),
        ("GTX1080", "GTX1080", None),
        ("1g.10gb", "1g.10gb", None),
        ("v5litepod-8", "v5litepod-8", None),
        ("0xL4", "0xL4", None),
        ("8x", "8x", None),
        (":8", ":8", None),
        ("", "", None),
    ],
)
def test_a_name_and_its_count_are_told_apart(written: str, name: str, count: int | None) -> None:
    assert resolve.split_count(written) == (name, count)


@given(st.text(max_size=30))
def test_no_text_is_too_odd_for_a_count(text: str) -> None:
    name, count = resolve.split_count(text)
    assert name in text
    assert count is None or count > 0


# `nvidia-smi mig -lgip`: 9856 MiB of an A100 and 9984 MiB of an H100.
def test_a_mig_slice_is_part_of_a_card() -> None:
    one = known("A100-80GB 1g.10gb")
    assert one.memory == 9856 << 20
    several = known("1g.10gb")
    assert several.memory is not None
    assert several.memory_max is not None
    assert several.memory <= 9856 << 20 < 9984 << 20 <= several.memory_max


def test_an_instance_has_its_accelerators() -> None:
    found = known(instance="p5.48xlarge")
    assert found.count == 8
    assert found.name is not None
    assert found.name.startswith("H100")
    assert known(instance="p5.48xlarge", count=2).count == 16


# Azure: Standard_NV6ads_A10_v5 has a sixth of an A10.
def test_an_instance_may_have_a_part_of_one() -> None:
    part, whole = known(instance="Standard_NV6ads_A10_v5"), known("A10")
    assert part.count == 1
    assert part.memory is not None
    assert whole.memory is not None
    assert part.memory == whole.memory // 6


def test_an_unknown_instance_falls_back_on_the_accelerator() -> None:
    assert known("L4", instance="our-rack-7").name == "L4"
    found, wrong = resolve.hardware(None, instance="our-rack-7")
    assert found is None
    assert wrong is not None
    assert wrong.startswith("no cloud instance is called `our-rack-7`\n")


def test_an_unknown_instance_with_its_memory_is_enough() -> None:
    assert known(memory="80GiB", instance="our-rack-7", count=2) == Hardware("our-rack-7", 2, 80 * GIB, 80 * GIB)


@pytest.mark.parametrize(
    ("text", "count", "gigabytes"),
    [
        ("H100-80GB:8", 8, 80),
        ("4xL4", 4, 24),
        ("24GB", None, 24),
        ("24GB:2", 2, 24),
        ("p5.48xlarge", 8, 80),
        ("p5.48xlarge:2", 16, 80),
    ],
)
def test_an_option_states_hardware(text: str, count: int | None, gigabytes: int) -> None:
    found, wrong = resolve.parse_hardware_option(text)
    assert wrong is None
    assert found is not None
    assert found.memory is not None
    assert found.memory_max is not None
    assert found.count == count
    assert found.memory <= gigabytes * GIB <= 1.02 * found.memory_max


@pytest.mark.parametrize("text", ["", "  ", "H1000", "nonsense:4", "8"])
def test_an_option_that_names_nothing_known_says_so(text: str) -> None:
    found, wrong = resolve.parse_hardware_option(text)
    assert found is None
    assert wrong


@pytest.mark.parametrize("text", ["latest", "", "nightly", "2025-07", "20250711", "V0", "main"])
def test_what_is_no_version(text: str) -> None:
    assert resolve.version(text) is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.20.2", (0, 20, 2)),
        ("v0.8.5.post1", (0, 8, 5)),
        ("0.11.0rc2", (0, 11, 0)),
        ("0.8.x (2025-05)", (0, 8)),
        ("0.10.2+cu128", (0, 10, 2)),
        ("1", (1,)),
    ],
)
def test_a_version_is_its_numbers(text: str, version: tuple[int, ...]) -> None:
    assert resolve.version(text) == version


def test_a_name_of_several_lines_is_no_line_of_the_message() -> None:
    name = "x\nno findings"
    for _, wrong in (resolve.hardware(name), resolve.hardware(None, instance=name)):
        assert wrong is not None
        assert "is called `x no findings`\n" in wrong
