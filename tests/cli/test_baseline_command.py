"""`planner baseline` and what `planner lint` makes of its file, in a folder as a team has it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., int]
TIGHT = """\
model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
deployment: {context: 4096, concurrency: 5, hardware: {memory: 24GiB}}
"""
ROOMY = TIGHT.replace("24GiB", "80GiB")
TOO_LARGE = """\
model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
"""
NAME = "planner-baseline.json"


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.yaml").write_text(TIGHT)
    (tmp_path / "b.yaml").write_text(TOO_LARGE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(name="lint")
def _lint(planner: Run, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Places and rules that `planner lint` reports."""

    def lint(*arguments: str) -> list[str]:
        capsys.readouterr()
        planner("lint", "--format", "json", *arguments)
        found = json.loads(capsys.readouterr().out)["findings"]
        return [f"{each['file']}:{each['line']} {each['rule']}" for each in found]

    return lint


Lint = Callable[..., list[str]]


def findings(path: Path) -> Any:
    return json.loads(path.read_text())["findings"]


def test_what_is_known_is_not_reported(
    project: Path, planner: Run, lint: Lint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint() == ["a.yaml:2 FIT004", "b.yaml:2 FIT001"]
    assert planner("baseline") == 0
    assert capsys.readouterr().out == f"{NAME}: 2 known findings in 2 files\n"
    assert findings(project / NAME) == {
        "a.yaml": {"FIT004": {"deployment.hardware": 1}},
        "b.yaml": {"FIT001": {"deployment.hardware": 1}},
    }
    assert lint() == []
    assert planner("lint") == 0
    assert "2 silenced" in capsys.readouterr().out
    assert lint("--no-ignores") == ["a.yaml:2 FIT004", "b.yaml:2 FIT001"]


def test_lines_may_move(project: Path, planner: Run, lint: Lint) -> None:
    planner("baseline")
    (project / "a.yaml").write_text(f"# a comment\n\n{TIGHT}")
    assert lint() == []


def test_what_comes_on_top_is_reported(project: Path, planner: Run, lint: Lint) -> None:
    planner("baseline")
    (project / "a.yaml").write_text(f"{TIGHT}---\n{TIGHT}")
    (project / "c.yaml").write_text(TIGHT)
    assert lint() == ["a.yaml:5 FIT004", "c.yaml:2 FIT004"]


def test_what_is_mended_is_said_until_the_baseline_is_written_anew(
    project: Path, planner: Run, lint: Lint, capsys: pytest.CaptureFixture[str]
) -> None:
    planner("baseline")
    (project / "a.yaml").write_text(ROOMY)
    (project / "b.yaml").unlink()
    assert lint() == [f"{NAME}:6 IGN003", f"{NAME}:11 IGN003"]
    assert planner("lint") == 0
    out = capsys.readouterr().out
    assert "the known finding of FIT004 is gone from a.yaml at `deployment.hardware`" in out
    planner("baseline")
    assert findings(project / NAME) == {}
    assert lint() == []


@pytest.mark.parametrize("arguments", [("a.yaml",), ("--select", "TOK"), ("--ignore", "FIT")])
def test_a_run_over_less_finds_nothing_stale(
    project: Path, planner: Run, lint: Lint, arguments: tuple[str, ...]
) -> None:
    planner("baseline")
    assert lint(*arguments) == []


def test_a_named_file_leaves_the_entries_of_others(project: Path, planner: Run, lint: Lint) -> None:
    planner("baseline")
    (project / "a.yaml").write_text(f"{TIGHT}---\n{TIGHT}")
    assert planner("baseline", "a.yaml") == 0
    assert findings(project / NAME)["a.yaml"] == {"FIT004": {"deployment.hardware": 2}}
    assert lint() == []


def test_the_file_is_the_same_for_the_same_findings(project: Path, planner: Run) -> None:
    planner("baseline")
    first = (project / NAME).read_bytes()
    planner("baseline", "b.yaml", "a.yaml")
    assert (project / NAME).read_bytes() == first
    assert first.endswith(b"}\n")


def test_its_path_is_a_setting_or_an_option(project: Path, planner: Run, lint: Lint) -> None:
    (project / "planner.toml").write_text("baseline = 'known/findings.json'")
    (project / "known").mkdir()
    planner("baseline")
    assert set(findings(project / "known" / "findings.json")) == {"../a.yaml", "../b.yaml"}
    assert not (project / NAME).exists()
    assert lint() == []
    planner("baseline", "--baseline", "other.json", "a.yaml")
    assert lint("--baseline", "other.json") == ["b.yaml:2 FIT001"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "missing.json"),
        ("{", "missing.json"),
        ('{"version": 2, "findings": {}}', "`version` is 2, not 1"),
        ('{"version": 1, "findings": {"a.yaml": {"FIT004": {"x": 0}}}}', "not a whole number of at least 1"),
        ("[1]", "the file is a list, not a baseline"),
    ],
)
def test_a_baseline_that_is_none_is_wrong_usage(
    project: Path, planner: Run, capsys: pytest.CaptureFixture[str], text: str | None, said: str
) -> None:
    if text is not None:
        (project / "missing.json").write_text(text)
    assert planner("lint", "--baseline", "missing.json") == 2
    assert said in capsys.readouterr().err


def test_a_baseline_that_is_named_and_missing_is_wrong_usage_even_where_nothing_is_found(
    project: Path, planner: Run
) -> None:
    (project / "clean.yaml").write_text("on: push\n")
    assert planner("lint", "--baseline", "nowhere.json", "clean.yaml") == 2


def test_what_must_not_be_hidden_is_not(project: Path, planner: Run, lint: Lint) -> None:
    (project / "a.yaml").write_text(f"{ROOMY}# planner: ignore[FIT001]\n")
    (project / "b.yaml").write_text("model: [\n")
    (project / NAME).write_text(
        json.dumps({"version": 1, "findings": {
            "a.yaml": {"IGN001": {"": 5}}, "b.yaml": {"CFG001": {"": 5}},
            "c.yaml": {"CFG002": {"": 1}},
        }})
    )  # fmt: skip
    found = lint("a.yaml", "b.yaml", "c.yaml")
    assert {each.split()[1] for each in found} >= {"IGN001", "CFG001", "CFG002"}
    assert planner("baseline", "--baseline", "new.json") == 0
    assert findings(project / "new.json") == {}


def test_a_file_that_cannot_be_read_fails(project: Path, planner: Run) -> None:
    assert planner("baseline", "missing.yaml") == 3
    assert planner("baseline", "-") == 2


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_known_again(project: Path, planner: Run, lint: Lint) -> None:
    name = os.fsdecode(b"\xe9 ##[error].yaml")
    (project / name).write_text(TIGHT)
    planner("baseline")
    assert b"##[" not in (project / NAME).read_bytes()
    assert lint() == []
