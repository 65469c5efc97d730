"""Quantities as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import units


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "7 parsecs",
        "-7B",
        -1,
        "7.B5",
        "1e400",
        math.nan,
        math.inf,
        -math.inf,
        True,
        None,
        [7],
        {"a": 1},
        "0x10",
        "7" * 50,
        "½B",
    ],
    ids=repr,
)
def test_what_is_no_count_is_none(value: object) -> None:
    assert units.count(value) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (7_000_000_000, 7_000_000_000),
        ("7B", 7_000_000_000),
        ("7b", 7_000_000_000),
        ("6.74B", 6_740_000_000),
        ("1.4T", 1_400_000_000_000),
        ("125M", 125_000_000),
        ("150_000", 150_000),
        ("1,000,000", 1_000_000),
        ("3e11", 300_000_000_000),
        (1e12, 10**12),
        ("6.7 B", 6_700_000_000),
        ("0.5B", 500_000_000),
    ],
)
def test_counts_are_powers_of_a_thousand(written: object, meant: int) -> None:
    assert units.count(written) == meant


def test_a_count_that_is_not_whole_is_none() -> None:
    assert units.count("7.5") is None
    assert units.count(0.5) is None


# vLLM's argument parser (human_readable_int): lower case is decimal, upper case binary.
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (8192, 8192),
        ("8k", 8000),
        ("8K", 8192),
        ("25.6k", 25_600),
        ("128K", 131_072),
        ("1M", 1_048_576),
        ("1m", 1_000_000),
    ],
)
def test_a_context_is_read_as_vllm_reads_it(written: object, meant: int) -> None:
    assert units.context(written) == meant


@pytest.mark.parametrize(
    ("written", "least", "most"),
    [
        ("24GB", 24 * 10**9, 24 * 2**30),
        ("24 GB", 24 * 10**9, 24 * 2**30),
        ("24G", 24 * 10**9, 24 * 2**30),
        ("24GiB", 24 * 2**30, 24 * 2**30),
        ("24Gi", 24 * 2**30, 24 * 2**30),
        ("81559MiB", 81559 * 2**20, 81559 * 2**20),
        ("1.5TB", 1_500_000_000_000, 3 * 2**39),
        (25_769_803_776, 25_769_803_776, 25_769_803_776),
    ],
)
def test_gb_has_two_readings_and_gib_has_one(written: object, least: int, most: int) -> None:
    assert units.memory(written) == (least, most)


@pytest.mark.parametrize("value", ["24 GBps", "GB", "24 bananas", None, "24ib", True, -1, "1e308T", "1e300PiB"])
def test_what_is_no_memory_size_is_none(value: object) -> None:
    assert units.memory(value) is None


@pytest.mark.parametrize("name", ["auto", "bfloat17", "", None, 16, "torch", ["bf16"]])
def test_what_is_no_dtype_is_none(name: object) -> None:
    assert units.dtype(name) is None


@pytest.mark.parametrize("name", ["bf16", "bfloat16", "torch.bfloat16", "BFloat16", " BF16 "])
def test_a_dtype_has_many_names(name: str) -> None:
    assert units.dtype(name) == "bfloat16"


@pytest.mark.parametrize(
    ("dtype", "bits"), [("float32", 32), ("float16", 16), ("bfloat16", 16), ("int8", 8), ("int4", 4)]
)
def test_bits_of_a_parameter(dtype: str, bits: int) -> None:
    assert units.DTYPE_BITS[dtype] == bits


@pytest.mark.parametrize(
    ("number", "text"),
    [(512, "512"), (6_738_415_616, "6.74B"), (140e9, "140B"), (1.4e12, "1.4T"), (999_999, "1M"), (0, "0")],
)
def test_counts_for_people_have_three_digits(number: float, text: str) -> None:
    assert units.short(number) == text


def test_bytes_for_people_are_gib_with_two_decimals() -> None:
    assert units.gib(2**31) == "2.00 GiB"
    assert units.gib(14e9) == "13.04 GiB"


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.integers())))
def test_nothing_raises_and_sizes_are_ordered(value: object) -> None:
    units.count(value)
    units.context(value)
    units.dtype(value)
    size = units.memory(value)
    assert size is None or 0 <= size[0] <= size[1]


@given(st.integers(0, 10**15))
def test_plain_integers_are_themselves(number: int) -> None:
    assert units.count(number) == units.context(number) == number
    assert units.count(str(number)) == number


@pytest.mark.parametrize(("number", "shown"), [(0, "0 files"), (1, "1 file"), (1200, "1,200 files")])
def test_one_thing_is_singular(number: int, shown: str) -> None:
    assert units.plural(number, "file") == shown
