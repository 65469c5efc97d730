"""Underlines stand under what they mean, whatever characters come before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report.layout import cells
from planner.report.snippet import Mark, snippet, view
from planner.report.style import Style

Of = Callable[[str], Any]


def shown(source: Any, *marks: Mark, width: int = 60) -> list[str]:
    return list(snippet(source, marks, Style(width=width)))


def test_a_place_past_the_end_of_the_text_does_not_fail(source_of: Of) -> None:
    assert shown(source_of("a: 1"), Mark(9, 5, 9, 9, "", "error")) == ["  |", "9 |", "  | ^"]


def test_a_place_without_width_is_one_caret(source_of: Of) -> None:
    assert shown(source_of("a: 1"), Mark(1, 4, 1, 4, "", "error"))[-1] == "  |    ^"


def test_a_place_over_several_lines_is_underlined_to_the_end_of_its_first(source_of: Of) -> None:
    assert shown(source_of("a: {b: 1,\n    c: 2}"), Mark(1, 4, 2, 10, "", "error"))[-1] == "  |    ^^^^^^"


@pytest.mark.parametrize(
    ("line", "column", "underline"),
    [
        pytest.param("\tx: 1", 5, "       ^", id="a tab is four cells"),
        pytest.param("模型: 1", 5, "      ^", id="east asian characters are two cells"),
        pytest.param("🤖: 1", 4, "    ^", id="an emoji is two cells"),
        pytest.param("cafe\u0301: 1", 8, "      ^", id="a combining accent is none"),
        pytest.param("a\x1b: 1", 5, "         ^", id="an escaped control is as long as its escape"),
    ],
)
def test_the_caret_is_under_the_value(source_of: Of, line: str, column: int, underline: str) -> None:
    drawn = shown(source_of(line), Mark(1, column, 1, column + 1, "", "error"))
    assert drawn[-1] == f"  | {underline}"
    assert cells(drawn[1][: drawn[1].rindex("1")]) == drawn[2].index("^")


def test_a_long_line_is_cut_around_the_place(source_of: Of) -> None:
    line = "x" * 5_000_000 + " HERE " + "y" * 5_000_000
    _, text, underline = shown(source_of(line), Mark(1, 5_000_002, 1, 5_000_006, "", "error"))
    assert text[4] == text[-1] == "…"
    assert len(text) <= 60
    start = underline.index("^")
    assert text[start : start + 4] == "HERE"
    assert underline.count("^") == 4


def test_two_places_on_a_line_share_it(source_of: Of) -> None:
    drawn = shown(source_of("{a: 1, b: 2}"), Mark(1, 5, 1, 6, "one"), Mark(1, 11, 1, 12, "", "error"))
    assert drawn == ["  |", "1 | {a: 1, b: 2}", "  |     - one", "  |           ^"]


def test_two_places_far_apart_on_a_long_line_are_both_shown(source_of: Of) -> None:
    drawn = shown(source_of("a" * 300 + "b"), Mark(1, 1, 1, 2, "near"), Mark(1, 301, 1, 302, "", "error"))
    assert [line[0] for line in drawn] == [" ", "1", " ", "1", " "]


def test_a_label_without_room_goes_below(source_of: Of) -> None:
    drawn = shown(source_of("key: " + "v" * 40), Mark(1, 6, 1, 46, "a label that says a good deal", ""), width=60)
    assert drawn[2].strip("| -") == ""
    assert "".join(part.strip(" |") + " " for part in drawn[3:]).strip() == "a label that says a good deal"


@given(st.text(max_size=300), st.integers(1, 320), st.integers(20, 100))
def test_a_view_is_never_wider_than_asked_and_prints(line: str, column: int, width: int) -> None:
    found = view(line, column, width)
    assert cells(found.text) <= width
    assert found.text.isprintable()


def test_marks_that_take_no_room_do_not_push_the_place_out_of_view() -> None:
    assert view("0" * 20 + "\u0300" * 21 + "0", 42, 40).place(42) is not None


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x30FF), min_size=1, max_size=300), st.data())
def test_a_view_shows_the_character_asked_for(line: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(1, len(line)))
    assert view(line, column, 40).place(column) is not None
