"""Whose settings hold for a file: those of the closest file, and of no other but through `extend`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from planner.settings import DEFAULT, Asked, Lookup, SettingsError

Project = Callable[[dict[str, str]], Path]


def test_without_a_file_the_defaults_hold(project: Project) -> None:
    assert Lookup().of(str(project({}) / "a.yaml")) == DEFAULT


@pytest.mark.parametrize(
    "other", ["[project]\nname = 'planner'\n", "[tool.ruff]\n", "[tool]\n", "", "not toml at all ["]
)
def test_a_pyproject_of_others_is_passed_by(project: Project, other: str) -> None:
    root = project({"planner.toml": "ignore = ['TOK']", "sub/pyproject.toml": other})
    assert Lookup().of(str(root / "sub" / "a.yaml")).file == str(root / "planner.toml")


def test_the_closest_file_wins_and_nothing_is_merged(project: Project) -> None:
    root = project({
        "pyproject.toml": "[tool.planner]\nignore = ['TOK']\nfail-on = 'warning'",
        "sub/planner.toml": "ignore = ['FIT004']",
    })  # fmt: skip
    lookup = Lookup()
    above = lookup.of(str(root / "a.yaml"))
    assert (above.ignore, above.fail_on) == (("TOK",), "warning")
    below = lookup.of(str(root / "sub" / "deep" / "a.yaml"))
    assert (below.ignore, below.fail_on) == (("FIT004",), None)


def test_planner_toml_comes_before_pyproject(project: Project) -> None:
    root = project({"planner.toml": "ignore = ['TOK']", "pyproject.toml": "[tool.planner]\nignore = ['FIT']"})
    assert Lookup().of(str(root / "a.yaml")).ignore == ("TOK",)


def test_an_empty_table_is_a_table(project: Project) -> None:
    root = project({"planner.toml": "ignore = ['TOK']", "sub/pyproject.toml": "[tool.planner]\n"})
    assert Lookup().of(str(root / "sub" / "a.yaml")).ignore == ()


def test_extend_takes_what_is_not_said_again(project: Project) -> None:
    root = project({
        "planner.toml": "ignore = ['TOK']\nfail-on = 'warning'\nexclude = ['vendor']",
        "sub/planner.toml": "extend = '../planner.toml'\nignore = ['FIT004']",
    })  # fmt: skip
    found = Lookup().of(str(root / "sub" / "a.yaml"))
    assert (found.ignore, found.fail_on) == (("FIT004",), "warning")
    assert [(glob.root, glob.pattern) for glob in found.exclude] == [(str(root), "vendor")]


def test_extend_may_name_a_pyproject(project: Project) -> None:
    root = project({
        "pyproject.toml": "[tool.planner]\nignore = ['TOK']",
        "sub/planner.toml": "extend = '../pyproject.toml'",
    })  # fmt: skip
    assert Lookup().of(str(root / "sub" / "a.yaml")).ignore == ("TOK",)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"planner.toml": "extend = 'planner.toml'"}, "leads back to itself"),
        ({"planner.toml": "extend = 'b.toml'", "b.toml": "extend = 'planner.toml'"}, "leads back to itself"),
        ({"planner.toml": "extend = 'missing.toml'"}, "No such file"),
        ({"planner.toml": "extend = 'pyproject.toml'", "pyproject.toml": "[project]"}, r"no \[tool.planner\]"),
        ({"planner.toml": "extend = 'b.toml'", "b.toml": "ingore = []"}, "b.toml.*`ingore`"),
    ],
)
def test_extend_that_leads_nowhere_is_said(project: Project, files: dict[str, str], said: str) -> None:
    root = project(files)
    with pytest.raises(SettingsError, match=f"(?is){said}"):
        Lookup().of(str(root / "a.yaml"))


def test_isolated_looks_for_no_file(project: Project) -> None:
    root = project({"planner.toml": "this is no TOML"})
    assert Lookup(Asked(isolated=True)).of(str(root / "a.yaml")) == DEFAULT
    asked = Asked(isolated=True, overrides=("fail-on=warning",))
    assert Lookup(asked).of(str(root / "a.yaml")) == DEFAULT._replace(fail_on="warning")


@pytest.mark.parametrize(
    ("overrides", "field", "value"),
    [
        (("fail-on=warning",), "fail_on", "warning"),
        (("fail-on='never'",), "fail_on", "never"),
        (("ignore=['TOK']",), "ignore", ("TOK",)),
        (("levels.FIT004=off", "levels.TOK=info"), "levels", (("FIT004", "off"), ("TOK", "info"))),
        (("thresholds.headroom=0.1",), "thresholds", (0.1, None, None)),
        (("thresholds={epochs=2}", "thresholds.headroom=0.2"), "thresholds", (0.2, None, 2)),
    ],
)
def test_config_goes_on_top(project: Project, overrides: tuple[str, ...], field: str, value: object) -> None:
    root = project({"planner.toml": "ignore = ['FIT']\nfail-on = 'info'"})
    found = Lookup(Asked(overrides=overrides)).of(str(root / "a.yaml"))
    assert getattr(found, field) == value


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("fail-on", "not of the form key=value"),
        ("fail-on=x\nignore=[]", "not of the form key=value"),
        ("fial-on=warning", "did you mean `fail-on`"),
        ("fail-on=sometimes", "sometimes"),
        ("extend=other.toml", "belongs in a file"),
        ("ignore=[", "not valid TOML"),
    ],
)
def test_config_that_is_none_is_said(override: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Lookup(Asked(isolated=True, overrides=(override,))).of("a.yaml")


def test_select_and_ignore_of_the_command_line(project: Project) -> None:
    root = project({"planner.toml": "select = ['FIT']\nextend-select = ['DTY']\nignore = ['FIT004']"})
    only = Lookup(Asked(select=("TOK,weights-exceed-memory",))).of(str(root / "a.yaml"))
    assert (only.select, only.extend_select, only.ignore) == (("TOK", "FIT001"), (), ())
    less = Lookup(Asked(ignore=("FIT001", "TOK"))).of(str(root / "a.yaml"))
    assert (less.select, less.ignore) == (("FIT",), ("FIT004", "FIT001", "TOK"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(select=("FTI",)), "--select: no rule is called `FTI`\ndid you mean `FIT`"),
        (Asked(ignore=("weights-exceed-memroy",)), "did you mean `weights-exceed-memory`"),
        (Asked(ignore=("CFG001",)), "--ignore: CFG001 cannot be silenced"),
    ],
)
def test_rules_that_nobody_has_are_said(asked: Asked, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Lookup(asked).of("/nowhere/a.yaml")


@pytest.mark.parametrize(
    "settings",
    [
        'extend = "../outside.toml"',
        'extend = "link.toml"',
        'baseline = "../known.json"',
        'baseline = "/etc/known.json"',
        'catalog = ["../models.jsonl"]',
        'catalog = ["/"]',
    ],
)
def test_settings_of_a_repository_lead_nowhere_else(project: Project, settings: str) -> None:
    root = project({"outside.toml": "", "models.jsonl": "", "repo/planner.toml": settings, "repo/.git/HEAD": ""})
    (root / "repo" / "link.toml").symlink_to("../outside.toml")
    with pytest.raises(SettingsError, match=r"leads out of the repository .*; keep a copy in it"):
        Lookup().of(str(root / "repo" / "a.yaml"))


def test_within_a_repository_and_without_one_they_lead_anywhere(project: Project) -> None:
    root = project(
        {"planner.toml": "ignore = ['TOK']", "sub/planner.toml": 'extend = "../planner.toml"', ".git/HEAD": ""}
    )
    assert Lookup().of(str(root / "sub" / "a.yaml")).ignore == ("TOK",)
