"""What the terminal can show, and streams that go away or know few characters."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.cli.terminal import style, write


class Stream:
    """A stream that is a terminal, or not, and has no size to ask for."""

    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


@pytest.mark.parametrize(
    ("option", "terminal", "environment", "coloured"),
    [
        pytest.param("auto", False, {}, False, id="a pipe is plain"),
        pytest.param("auto", True, {"NO_COLOR": "1"}, False, id="NO_COLOR is heeded"),
        pytest.param("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, id="NO_COLOR wins over FORCE_COLOR"),
        pytest.param("auto", True, {"TERM": "dumb"}, False, id="a dumb terminal is plain"),
        pytest.param("auto", False, {"FORCE_COLOR": "0"}, False, id="FORCE_COLOR=0 forces nothing"),
        pytest.param("never", True, {"FORCE_COLOR": "1"}, False, id="the option wins over the environment"),
        pytest.param("auto", True, {}, True, id="a terminal is coloured"),
        pytest.param("auto", True, {"NO_COLOR": ""}, True, id="an empty NO_COLOR says nothing"),
        pytest.param("auto", False, {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR colours a pipe"),
        pytest.param("auto", False, {"CLICOLOR_FORCE": "1"}, True, id="so does CLICOLOR_FORCE"),
        pytest.param("always", False, {"NO_COLOR": "1"}, True, id="always is always"),
    ],
)
def test_colour(option: str, terminal: bool, environment: dict[str, str], coloured: bool) -> None:
    assert style(Stream(terminal), option, environment).color is coloured


def test_a_closed_stream_is_plain() -> None:
    assert style(None, "auto", {}).color is False


@pytest.mark.parametrize(
    ("columns", "width"),
    [("80", 80), ("", 100), ("wide", 100), ("5", 40), ("4000", 120), ("999999999999", 100), ("²", 100)],
)
def test_width(columns: str, width: int) -> None:
    assert style(Stream(True), "auto", {"COLUMNS": columns}).width == width


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "█▓ 2 × 3 ≥ 5 · é 模"),
        ("cp1252", "#= 2 × 3 >= 5 · é \\u6a21"),
        ("ascii", "#= 2 x 3 >= 5 - \\xe9 \\u6a21"),
    ],
)
def test_a_character_that_the_stream_has_not_is_spelled_otherwise(encoding: str, shown: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    write(["█▓ 2 × 3 ≥ 5 · é 模"], stream)
    assert raw.getvalue().decode(encoding) == f"{shown}\n"


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(["ascii", "cp1252", "utf-8", "latin-1"]))
def test_no_text_is_too_much_for_any_stream(text: str, encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    write([text], stream)
    assert raw.getvalue().endswith(b"\n")


def test_nothing_is_written_to_a_stream_that_is_closed_from_the_start() -> None:
    write(["x"], None)


def test_a_reader_that_went_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:
        write(("x" * 1000 for _ in range(1000)), stream)
