"""The exit code is what scripts read: one row for each promise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

Run = Callable[..., int]


@pytest.mark.parametrize(
    ("levels", "options", "code"),
    [
        pytest.param([], [], 0, id="no finding is clean"),
        pytest.param(["info", "warning"], [], 0, id="a warning alone does not fail"),
        pytest.param(["error"], ["--exit-zero"], 0, id="exit-zero is zero"),
        pytest.param(["error"], ["--fail-on", "never"], 0, id="never is never"),
        pytest.param(["info"], ["--fail-on", "warning"], 0, id="below the level asked for does not fail"),
        pytest.param(["info", "error", "warning"], [], 1, id="an error fails"),
        pytest.param(["warning"], ["--fail-on", "warning"], 1, id="a warning fails if asked to"),
        pytest.param(["error"], ["--fail-on", "info"], 1, id="what is worse than asked for fails"),
        pytest.param(["info"], ["--fail-on", "info"], 1, id="advice fails if asked to"),
        pytest.param(["error"], ["--quiet"], 1, id="quiet does not change the code"),
        pytest.param(["error"], ["--format", "json"], 1, id="nor does the format"),
    ],
)
def test_findings_decide(house: Any, planner: Run, levels: list[str], options: list[str], code: int) -> None:
    house.finds(*levels)
    assert planner("lint", "a.yaml", *options) == code


@pytest.mark.parametrize("options", [[], ["--exit-zero"], ["--fail-on", "never"]])
def test_a_named_file_that_cannot_be_read_is_three(house: Any, planner: Run, options: list[str]) -> None:
    house.finds("error")
    house.report = house.report._replace(unreadable=("gone.yaml",))
    assert planner("lint", "gone.yaml", "a.yaml", *options) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["lint", "--no-such-option"], id="an unknown option"),
        pytest.param(["no-such-command"], id="an unknown command"),
        pytest.param(["lint", "--fail-on", "sometimes"], id="an unknown level"),
        pytest.param(["lint", "--format", "papyrus"], id="an unknown format"),
        pytest.param(["lint", "--format", "json", "--output", "a", "--output", "b"], id="more outputs than formats"),
        pytest.param(["lint", "--format", "json", "--format", "text"], id="two formats on standard output"),
        pytest.param(["lint", "a.yaml", "--output", "./a.yaml"], id="an output over an input"),
        pytest.param(["plan", "a.yaml", "--context", "8192"], id="a model's option without a model"),
        pytest.param(["plan", "a.yaml", "--model", "gpt2"], id="a model and a path"),
        pytest.param(["plan", "--model", "gpt2", "--concurrency", "0"], id="no sequence at all"),
        pytest.param(["explain", "no-such-rule"], id="an unknown rule"),
        pytest.param(["explain"], id="a missing argument"),
        pytest.param(["schema", "no-such-schema"], id="an unknown schema"),
    ],
)
def test_wrong_usage_is_two_and_says_why_without_a_traceback(
    house: Any, planner: Run, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert planner(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("planner: ")
    assert "Traceback" not in err
    assert not house.calls


def test_a_folder_that_holds_nothing_to_check_is_wrong_usage(
    house: Any, planner: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    house.found = []
    assert planner("lint", "docs") == 2
    assert "no YAML or JSON file under docs" in capsys.readouterr().err


def test_a_current_folder_that_holds_nothing_is_clean(house: Any, planner: Run) -> None:
    house.found = []
    assert planner("lint") == 0
    assert house.paths == ["."]


def test_a_path_without_a_command_is_told_the_command(
    planner: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.touch()
    assert planner(str(path)) == 2
    assert f"planner lint {path}" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_three(
    house: Any, planner: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planner("lint", "a.yaml", "--format", "json", "--output", str(tmp_path / "no" / "such" / "folder")) == 3
    assert "cannot write" in capsys.readouterr().err


def test_an_interrupt_is_130(house: Any, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    house.error = KeyboardInterrupt()
    assert planner("lint") == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_plan_is_zero_with_plans_whatever_was_found(house: Any, planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner.cli import outputs

    monkeypatch.setattr(outputs, "emit", lambda *_: True)
    house.finds("error")
    house.report = house.report._replace(plans=(SimpleNamespace(model=object()),))
    assert planner("plan", "a.yaml") == 0


def test_plan_is_one_when_nothing_could_be_planned(house: Any, planner: Run) -> None:
    assert planner("plan", "a.yaml") == 1


def test_plan_is_one_when_the_model_is_unknown(house: Any, planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner.cli import outputs

    monkeypatch.setattr(outputs, "emit", lambda *_: True)
    house.report = house.report._replace(plans=(SimpleNamespace(model=None, tokens=None),))
    assert planner("plan", "--model", "no/such-model") == 1


def test_plan_is_three_when_a_named_file_could_not_be_read(house: Any, planner: Run) -> None:
    house.report = house.report._replace(unreadable=("a.yaml",))
    assert planner("plan", "a.yaml") == 3
