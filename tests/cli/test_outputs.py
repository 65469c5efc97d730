"""Several formats in one run, each to its place."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.cli import outputs
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


def test_github_gets_annotations_beside_the_text(
    house: Any, planner: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house.finds("error", "info")
    planner("lint")
    assert "::" not in capsys.readouterr().out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    planner("lint")
    out = capsys.readouterr().out
    assert "a.yaml:1:1: error FIT001" in out
    assert [line.partition(" ")[0] for line in out.splitlines() if line.startswith("::")] == ["::error", "::notice"]


@pytest.mark.parametrize("form", ["text", "concise", "sarif"])
def test_github_gets_what_it_asks_for(
    house: Any, planner: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    house.finds("error")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    planner("lint", "-f", form)
    assert not [line for line in capsys.readouterr().out.splitlines() if line.startswith("::")]


def test_only_a_summary_with_plans_asks_for_plans(house: Any, planner: Run) -> None:
    planner("lint", "-f", "sarif")
    planner("lint", "-f", "markdown")
    assert [call.options.plans for call in house.calls] == [False, True]


FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")


def test_every_format_in_one_run(house: Any, planner: Run, tmp_path: Path) -> None:
    house.finds("error", "warning")
    pairs = [each for form in FORMATS for each in ("-f", form, "-o", str(tmp_path / form))]
    assert planner("lint", *pairs) == 1
    assert len(house.calls) == 1
    assert all((tmp_path / form).stat().st_size for form in FORMATS)


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_name_commands_nothing(
    planner: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "::error::x\n::warning::##[set-output name=ok]\x1b[31m.yaml"
    (tmp_path / name).write_text(
        'model: {name: "##[error]x\\n::error::y", parameters: 70B, dtype: bfloat16}\n'
        "deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}\n"
    )
    planner("lint", "-f", form)
    out = capsys.readouterr().out
    assert "FIT001" in out
    assert "##[" not in out
    assert "\x1b" not in out
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert all(form == "github" and " file=" in line for line in commands)


def test_a_full_disk_costs_nobody_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "planner-baseline.json"
    file.write_text("what was known")
    file.chmod(0o640)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert not outputs.put(str(file), b"new")
    assert "cannot write" in capsys.readouterr().err
    assert file.read_text() == "what was known"
    assert outputs.put(str(file), b"new")
    assert (file.read_text(), file.stat().st_mode & 0o777, os.listdir(tmp_path)) == ("new", 0o640, [file.name])
    assert outputs.put(str(tmp_path / "other.json"), b"first")
