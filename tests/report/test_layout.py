"""Words, numbers and bars on a grid of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report import bar, layout
from planner.report.style import Style

SIZES = st.lists(st.integers(0, 10**15), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0.00 KiB"), (524288, "512.00 KiB"), (1 << 20, "1.00 MiB"), (1 << 30, "1.00 GiB"),
        (137953296384, "128.48 GiB"), (-(1 << 31), "-2.00 GiB"),
    ],
)  # fmt: skip
def test_bytes_are_gib_unless_that_shows_nothing(size: int, shown: str) -> None:
    assert layout.size(size) == shown


def test_what_vendors_sell_in_gb_is_shown_in_both() -> None:
    assert layout.size_and_gb(24 * 10**9) == "22.35 GiB (24.00 GB)"


def test_a_number_is_not_parted_from_its_unit() -> None:
    assert list(layout.wrap("it needs 12 GiB of 50 %", 11)) == ["it needs", "12 GiB of", "50 %"]


@given(st.text("ab \u6a21", max_size=200), st.integers(5, 40))
def test_wrapping_loses_no_word_and_stays_in_the_width(text: str, width: int) -> None:
    lines = list(layout.wrap(text, width))
    assert " ".join(lines) == text
    assert all(layout.cells(line) <= width or " " not in line.strip() for line in lines)


@given(st.lists(st.text("ab ", min_size=1, max_size=12), max_size=20), st.integers(12, 60))
def test_items_flow_into_lines_whole_and_in_order(items: list[str], width: int) -> None:
    lines = list(layout.flow(items, "; ", width))
    assert "; ".join(lines) == "; ".join(items)
    assert all(len(line) <= width for line in lines)


def test_columns_are_as_wide_as_their_widest() -> None:
    assert list(layout.table([("a", "10"), ("模型", "5")], frozenset({1}))) == ["a     10", "模型   5"]


@given(SIZES, st.integers(12, 120))
def test_a_bar_is_as_wide_as_asked_and_shows_all_there_is(sizes: list[int], width: int) -> None:
    found = bar.lengths(sizes, width)
    assert sum(found) == (width if any(sizes) else 0)
    assert all((cells > 0) == (size > 0) for cells, size in zip(found, sizes, strict=True))


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(12, 120))
def test_the_larger_part_is_never_the_shorter(one: int, other: int, width: int) -> None:
    first, second = bar.lengths([one, other], width)
    assert (first - second) * (one - other) >= 0 or abs(first - second) <= 1


@given(st.integers(0, 100), st.integers(30, 100))
def test_a_mark_points_to_its_share_of_the_bar(percent: int, width: int) -> None:
    row = bar.mark(percent, 100, "a limit", width)
    assert row.index("^") == min(width - 1, percent * width // 100)
    assert len(row) <= width


def test_a_bar_without_anything_in_it_is_empty() -> None:
    assert bar.bar([bar.Part("weights", 0, "█", "weights")], 40, Style()) == ""
