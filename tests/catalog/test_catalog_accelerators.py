"""Accelerators by the names that Kubernetes, Ray, clouds and people give them, with the memory that drivers report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import accelerators

MIB = 1 << 20


def ids(name: str) -> set[str]:
    match = accelerators.find(name)
    return {row.id for row in match.rows} if match else set()


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "gpu", "GPUs", "nvidia", "nvidia.com/gpu", "cuda", "cpu", "auto", "80GB", "24GB", "8", "H1000",
        "A100-64GB", "A1000000", "v2", "v3", "tpu", "x" * 500, 'A100"', "A100\n", "A100\\", "m5.large", "9g.80gb",
        "geforce",
    ],
)  # fmt: skip
def test_names_of_no_device_find_none(name: str) -> None:
    assert accelerators.find(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("NVIDIA-A100-SXM4-80GB", "a100-80gb-sxm", id="the product label of GPU feature discovery"),
        pytest.param("NVIDIA A100-PCIE-40GB", "a100-40gb-pcie", id="what nvidia-smi prints"),
        pytest.param("nvidia-tesla-t4", "t4", id="GKE's accelerator label"),
        pytest.param("nvidia-tesla-a100", "a100-40gb-sxm", id="on GKE the A100 without a size has 40 GB"),
        pytest.param("nvidia-h100-80gb", "h100-sxm", id="on GKE the H100 is the SXM one"),
        pytest.param("nvidia-l4", "l4", id="GKE's L4"),
        pytest.param("NVIDIA-H100-80GB-HBM3", "h100-sxm", id="only the SXM part has HBM3"),
        pytest.param("H100-SXM5-80GB", "h100-sxm", id="a form factor, written by hand"),
        pytest.param("A100_SXM4_80GB", "a100-80gb-sxm", id="underscores"),
        pytest.param("a100 80 gb pcie", "a100-80gb-pcie", id="spaces between number and unit"),
        pytest.param("H100 NVL", "h100-nvl", id="the NVL card is a device of its own"),
        pytest.param("RTX 4090", "geforce-rtx-4090", id="colloquial"),
        pytest.param("4090", "geforce-rtx-4090", id="more colloquial"),
        pytest.param("NVIDIA GeForce RTX 4090 Laptop GPU", "geforce-rtx-4090-mobile", id="a laptop's has less memory"),
        pytest.param("RTX6000Ada", "rtx-6000-ada", id="run together"),
        pytest.param("NVIDIA GH200 480GB", "gh200-96gb", id="the number in the name is the CPU's memory"),
        pytest.param("AMD-Instinct-MI300X-OAM", "mi300x", id="Ray's name of an AMD device"),
        pytest.param("mi300x", "mi300x", id="lower case"),
        pytest.param("v5e", "tpu-v5e", id="a TPU generation"),
        pytest.param("tpu-v5-lite-podslice", "tpu-v5e", id="GKE's TPU label"),
        pytest.param("Apple M3 Max 64GB", "apple-m3-max-64gb", id="unified memory has a size"),
        pytest.param("H200-141GB", "h200-sxm", id="with its nominal size"),
        pytest.param("B200-192GB", "b200", id="sold under two sizes"),
        pytest.param("Tesla-T4-SHARED", "t4", id="time-sliced"),
        pytest.param("DGX Spark", "gb10", id="the machine for its chip"),
    ],
)
def test_any_spelling_finds_the_device(name: str, expected: str) -> None:
    assert ids(name) == {expected}


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("A100", {40, 80}),
        ("V100", {16, 32}),
        ("RTX6000", {24, 48}),
        ("H100", {80}),
        ("GH200", {96, 144}),
        ("3080", {10, 12}),
    ],
)
def test_a_name_that_tells_devices_not_apart_finds_all_of_them_and_says_so(name: str, sizes: set[int]) -> None:
    match = accelerators.find(name)
    assert match is not None
    assert {row.nominal_gb for row in match.rows} == sizes
    assert len(match.rows) > 1
    assert " or " in match.note


@pytest.mark.parametrize(
    ("name", "expected", "count"),
    [
        ("v5litepod-8", "tpu-v5e", 8), ("v6e-4", "tpu-v6e", 4), ("v4-8", "tpu-v4", 4), ("v5p-8", "tpu-v5p", 4),
        ("v3-8", "tpu-v3", 8), ("tpu7x-8", "tpu-v7x", 8),
    ],
)  # fmt: skip
def test_the_number_of_a_tpu_slice_counts_chips_or_cores_by_generation(name: str, expected: str, count: int) -> None:
    match = accelerators.find(name)
    assert match is not None
    assert ({row.id for row in match.rows}, match.count) == ({expected}, count)


REPORTED = [
    ("t4", 14910, "mlcommons inference v3.0: 14.56 GiB seen by torch"),
    ("t4", 15360, "nvidia-smi total with ECC"),
    ("l4", 23034, "nvidia-smi total"),
    ("a10g", 22528, "batteries-included#1663: 22.0 GiB seen by torch"),
    ("a100-80gb-sxm", 81920, "nvidia-smi total"),
    ("a100-40gb-sxm", 40960, "nvidia-smi total"),
    ("h100-sxm", 81559, "GPU feature discovery: nvidia.com/gpu.memory"),
    ("h100-sxm", 81009, "vllm#27508: 79.11 GiB seen by torch"),
    ("h200-sxm", 143771, "mlcommons training v5.0: driver total"),
    ("b200", 183359, "nvidia-smi total"),
    ("mi300x", 196592, "amd-smi total"),
    ("tpu-v5e", 16128, "XLA: 15.75G hbm"),
    ("geforce-rtx-4090", 24564, "RLinf#255: driver total"),
    ("geforce-rtx-5090", 32607, "driver total"),
]


@pytest.mark.parametrize(("identifier", "mib", "where"), REPORTED)
def test_every_reported_total_lies_between_the_two_readings(identifier: str, mib: int, where: str) -> None:
    row = accelerators.get(identifier)
    assert row is not None
    assert row.memory <= mib * MIB <= row.memory_max, where


@pytest.mark.parametrize(
    ("identifier", "dtype", "has"),
    [
        ("t4", "bf16", False), ("v100-16gb", "bf16", False), ("a100-80gb-sxm", "bf16", True),
        ("a100-80gb-sxm", "fp8", False), ("l4", "fp8", True), ("h100-sxm", "fp8", True), ("h100-sxm", "fp4", False),
        ("b200", "fp4", True), ("mi300x", "fp8", True), ("tpu-v5e", "fp16", False),
    ],
)  # fmt: skip
def test_dtypes_follow_the_generation(identifier: str, dtype: str, has: bool) -> None:
    row = accelerators.get(identifier)
    assert row is not None
    assert (dtype in row.dtypes) is has


def test_a_mig_slice_has_the_memory_that_the_driver_gives_it() -> None:
    """go-nvml's A100: 1g.10gb has 9,856 MiB, on the 40 GB card as on the 80 GB one; H100 labels say 9,984."""
    match = accelerators.find("NVIDIA-A100-SXM4-80GB-MIG-1g.10gb")
    assert match is not None
    assert [row.memory for row in match.rows] == [9856 * MIB]
    anywhere = accelerators.find("nvidia.com/mig-1g.10gb")
    assert anywhere is not None
    assert {row.memory // MIB for row in anywhere.rows} == {9856, 9984}


def test_a_mig_profile_that_the_device_lacks_finds_nothing() -> None:
    assert accelerators.find_mig("t4", "1g.10gb") is None
    assert accelerators.find("H100-MIG-1g.5gb") is None


def test_common_devices_for_a_size_come_smallest_first_under_names_that_find_them() -> None:
    rows = accelerators.fitting(70 << 30)
    assert "L40S" not in {row.name for row in rows}
    assert rows[0].name in ("A100-80GB", "H100-80GB")
    assert all(row.memory >= 70 << 30 for row in rows)
    assert all(row.id in ids(row.name) for row in rows)


def test_near_misses_are_offered() -> None:
    assert any("H100" in name for name in accelerators.close("H1000"))
    assert any("A100" in name for name in accelerators.close("A100-64GB"))
    assert accelerators.close("banana republic") == []


@pytest.mark.parametrize("row", accelerators.all(), ids=lambda row: row.id)
def test_every_spelling_of_a_row_finds_it(row: accelerators.Accelerator) -> None:
    for name in (row.id, row.name, *row.aliases):
        assert row.id in ids(name), name
        assert row.id in ids(name.upper()), name


@given(st.text(max_size=60))
def test_no_text_breaks_the_lookup(name: str) -> None:
    match = accelerators.find(name)
    assert match is None or match.rows
