"""What others write is shown and not obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.report import escape

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize("plain", ["", "model: x", "naïve café", "模型 🤖", "a::b", "#[x]", "cafe\u0301"])
def test_what_is_harmless_stays_as_it_is(plain: str) -> None:
    assert escape.text(plain) == escape.name(plain) == plain
    assert list(escape.guarded([plain])) == [plain]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("a\nb", "a\\u{a}b", id="a line end"),
        pytest.param("a\rb", "a\\u{d}b", id="a carriage return"),
        pytest.param("\x1b[31m", "\\u{1b}[31m", id="a terminal sequence"),
        pytest.param("\x7f\x9b", "\\u{7f}\\u{9b}", id="DEL and C1"),
        pytest.param("\u202egnp.yaml", "\\u{202e}gnp.yaml", id="a bidi override"),
        pytest.param("a\u2028b\u0085", "a\\u{2028}b\\u{85}", id="other line ends"),
        pytest.param("caf\udce9", "caf\\xe9", id="a byte that is no UTF-8"),
        pytest.param("\ud800", "\\u{d800}", id="a lone surrogate"),
    ],
)
def test_what_does_not_print_is_spelled_out(value: str, shown: str) -> None:
    assert escape.text(value) == shown


def test_a_file_that_is_called_like_a_command_gets_a_folder() -> None:
    assert escape.name("::error::x.yaml") == "./::error::x.yaml"


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        pytest.param("::error::x", "\\::error::x", id="a command"),
        pytest.param("   ::error::x", "   \\::error::x", id="an indented command"),
        pytest.param(
            'value "##[set-output name=ok]"', 'value "##\\[set-output name=ok]"', id="an old command in the middle"
        ),
        pytest.param("x ##vso[task.x a=b]y", "x ##vso\\[task.x a=b]y", id="Azure"),
        pytest.param("##teamcity[buildStop]", "##teamcity\\[buildStop]", id="TeamCity"),
    ],
)
def test_no_line_is_a_command_of_the_runner(line: str, safe: str) -> None:
    assert list(escape.guarded([line])) == [safe]


@given(ANY)
def test_any_text_becomes_one_printable_line(value: str) -> None:
    assert escape.text(value).isprintable()
    escape.text(value).encode("utf-8")


@given(ANY)
def test_escaping_twice_changes_nothing(value: str) -> None:
    assert escape.text(escape.text(value)) == escape.text(value)
    once = list(escape.guarded([escape.text(value)]))
    assert list(escape.guarded(once)) == once
