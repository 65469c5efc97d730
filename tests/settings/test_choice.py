"""Which rules apply: flake8's decision engine (flake8/style_guide.py), as a table."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from planner.finding import Finding
from planner.settings import DEFAULT, Glob, Settings
from planner.settings.choice import at_level, level, selected

FILE = "/project/experiments/a.yaml"


def finding(code: str, level: str = "warning", file: str = FILE) -> Finding:
    return Finding(file, 1, 1, 1, 2, code, "name", level, "", "message")


def wanted(findings: Iterable[Finding], settings: Settings) -> list[Finding]:
    return [found for each in findings if (found := at_level(each, settings))]


@pytest.mark.parametrize(
    ("select", "ignore", "code", "applies"),
    [
        ([], [], "FIT001", True),
        ([], ["FIT"], "FIT001", False),
        ([], ["FIT001"], "FIT001", False),
        ([], ["FIT001"], "FIT002", True),
        (["FIT"], [], "TOK001", False),
        (["FIT"], [], "FIT001", True),
        (["FIT"], ["FIT"], "FIT001", False),
        (["FIT"], ["FIT001"], "FIT001", False),
        (["FIT"], ["FIT001"], "FIT002", True),
        (["FIT001"], ["FIT"], "FIT001", True),
        (["FIT001"], ["FIT"], "FIT002", False),
        (["FIT00"], ["FIT0"], "FIT001", True),
        (["FIT00"], ["FIT0"], "FIT010", False),
        (["FIT", "FIT001"], ["FIT00"], "FIT001", True),
        (["FIT", "FIT001"], ["FIT00"], "FIT002", False),
        ([""], ["TOK"], "TOK001", False),
        ([""], [""], "TOK001", False),
        (["TOK001"], [""], "TOK001", True),
        (["TOK001"], [""], "TOK002", False),
    ],
)
def test_the_longest_prefix_decides(select: list[str], ignore: list[str], code: str, applies: bool) -> None:
    assert selected(code, select, ignore) is applies


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_prefixes_says_nothing(order: int) -> None:
    assert selected("FIT001", ["TOK", "FIT001", "FIT"][::order], ["FIT0", "FIT00"][::order])


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((), None),
        ((("TOK", "info"),), None),
        ((("FIT", "info"), ("FIT001", "off")), "off"),
        ((("FIT001", "off"), ("FIT", "info")), "off"),
        ((("", "info"),), "info"),
        ((("FIT", "info"), ("FIT", "error")), "error"),
    ],
)
def test_the_level_of_the_longest_prefix_is_taken(levels: tuple[tuple[str, str], ...], expected: str | None) -> None:
    assert level("FIT001", levels) == expected


def test_levels_change_what_is_said_and_off_says_nothing() -> None:
    settings = DEFAULT._replace(levels=(("FIT", "info"), ("TOK", "off")))
    found = wanted([finding("FIT001", "error"), finding("TOK001"), finding("PAR001", "error")], settings)
    assert [(each.rule, each.level) for each in found] == [("FIT001", "info"), ("PAR001", "error")]


def test_extend_select_adds_to_what_is_selected_and_outweighs_a_shorter_ignore() -> None:
    settings = Settings(select=("FIT",), extend_select=("TOK001",), ignore=("TOK",))
    found = [each.rule for each in wanted(map(finding, ("FIT001", "TOK001", "TOK002", "DTY001")), settings)]
    assert found == ["FIT001", "TOK001"]


@pytest.mark.parametrize(
    ("pattern", "silenced"),
    [("experiments/**", True), ("experiments", True), ("*.yaml", True), ("a.yaml", True), ("train/**", False),
     ("*.yml", False)],
)  # fmt: skip
def test_rules_are_ignored_in_files(pattern: str, silenced: bool) -> None:
    settings = DEFAULT._replace(per_file_ignores=((Glob("/project", pattern), ("FIT001",)),))
    assert [each.rule for each in wanted([finding("FIT001"), finding("FIT002")], settings)] == (
        ["FIT002"] if silenced else ["FIT001", "FIT002"]
    )


@pytest.mark.parametrize("code", ["CFG001", "CFG002", "CFG003"])
@pytest.mark.parametrize(
    "settings",
    [
        Settings(select=("TOK",)),
        Settings(ignore=("CFG",)),
        Settings(levels=(("CFG", "off"),)),
        Settings(per_file_ignores=((Glob("/project", "**"), ("CFG",)),)),
    ],
    ids=["select", "ignore", "levels", "per-file-ignores"],
)
def test_that_a_file_could_not_be_read_is_always_said(code: str, settings: Settings) -> None:
    assert wanted([finding(code, "error")], settings) == [finding(code, "error")]
