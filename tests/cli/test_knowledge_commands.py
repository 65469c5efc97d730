"""explain, rules and schema: what planner knows, printed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from planner import rules
from planner.rules.registry import Rule

Run = Callable[..., int]
PAGE = """Heads do not divide.

    ## What it does
    Looks at the heads
    and at the devices.

    ## Example
    ```yaml
    tensor_parallel: 3
    ```

    - a list stays
    - a list

    ## Settings
    None.
    """


@pytest.fixture(autouse=True)
def _two_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "FIT001": Rule("FIT001", "weights-exceed-memory", "error", None, "Too large.", "0.1.0"),
        "PAR001": Rule("PAR001", "heads-not-divisible", "warning", None, PAGE, "0.2.0"),
    }
    monkeypatch.setattr(rules, "every", lambda: found)


@pytest.mark.parametrize("name", ["PAR001", "par001", "heads-not-divisible"])
def test_a_rule_is_explained_by_code_or_name(planner: Run, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert planner("explain", name) == 0
    assert (
        capsys.readouterr().out
        == """\
PAR001 heads-not-divisible (warning)

Heads do not divide.

What it does
Looks at the heads and at the devices.

Example
    tensor_parallel: 3

- a list stays
- a list

Settings
None.

Since
0.2.0

https://github.com/your-org/planner/blob/main/docs/rules/PAR001.md
"""
    )


@pytest.mark.parametrize(
    ("typed", "meant"), [("PAR01", "PAR001"), ("head-not-divisible", "heads-not-divisible"), ("fit01", "FIT001")]
)
def test_a_near_miss_is_answered_with_what_was_meant(
    planner: Run, capsys: pytest.CaptureFixture[str], typed: str, meant: str
) -> None:
    assert planner("explain", typed) == 2
    assert f"did you mean {meant}" in capsys.readouterr().err


def test_a_far_miss_is_told_where_to_look(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("explain", "zzz") == 2
    assert "`planner rules` lists them" in capsys.readouterr().err


def test_rules_are_a_table(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("rules") == 0
    assert capsys.readouterr().out == (
        "FIT001  weights-exceed-memory  error    Too large.\n"
        "PAR001  heads-not-divisible    warning  Heads do not divide.\n"
    )


def test_rules_are_json_for_programs(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("rules", "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)["rules"]
    assert [rule["rule"] for rule in found] == ["FIT001", "PAR001"]
    assert found[1]["summary"] == "Heads do not divide."
    assert "## What it does\nLooks" in found[1]["documentation"]


def test_the_schema_of_the_config_is_printed_unasked(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("schema") == 0
    assert "deployment" in json.loads(capsys.readouterr().out)["properties"]


def test_an_unknown_schema_is_answered_with_those_there_are(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("schema", "confg") == 2
    assert "there are baseline, config" in capsys.readouterr().err
