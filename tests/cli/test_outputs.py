"""Several formats in one run, each to its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.cli.outputs import Target, pair

Run = Callable[..., int]


@pytest.mark.parametrize(
    ("formats", "files", "targets"),
    [
        ([], [], [Target("text", "-")]),
        ([], ["log.txt"], [Target("text", "log.txt")]),
        (["json"], [], [Target("json", "-")]),
        (["json", "text"], ["out.json"], [Target("json", "out.json"), Target("text", "-")]),
        (["text", "json"], ["-", "out.json"], [Target("text", "-"), Target("json", "out.json")]),
    ],
)
def test_the_nth_output_takes_the_nth_format(formats: list[str], files: list[str], targets: list[Target]) -> None:
    assert pair(formats, files) == targets


def test_a_file_and_the_terminal_get_one_run(
    house: Any, planner: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.finds("warning")
    out = tmp_path / "report.json"
    assert planner("lint", "-f", "json", "-o", str(out), "-f", "concise", "--color", "always") == 0
    assert json.loads(out.read_text(encoding="utf-8"))["findings"][0]["level"] == "warning"
    assert "\x1b[" in capsys.readouterr().out
    assert len(house.calls) == 1


def test_a_file_is_never_coloured(house: Any, planner: Run, tmp_path: Path) -> None:
    house.finds("error")
    planner("lint", "-o", str(tmp_path / "log"), "--color", "always")
    assert "\x1b" not in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_report_does_not_overwrite_what_a_folder_was_found_to_hold(house: Any, planner: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text("{}", encoding="utf-8")
    house.report = house.report._replace(sources={str(config): object()})
    assert planner("lint", str(tmp_path), "-f", "json", "-o", str(config)) == 2
    assert config.read_text(encoding="utf-8") == "{}"


def test_what_is_quiet_is_quiet(house: Any, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    planner("lint", "--quiet")
    assert capsys.readouterr() == ("", "")


def test_no_summary_leaves_the_findings(house: Any, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    house.finds("info")
    planner("lint", "--no-summary", "-f", "concise")
    assert capsys.readouterr().out == "a.yaml:1:1: info FIT001 [weights-exceed-memory] m\n"
