"""`planner init`: nothing is replaced, nothing is written unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., int]
CONFIG = "model: {name: gpt2, dtype: float16}\ndeployment: {engine: vllm, context: 512}\n"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "serve").mkdir()
    (tmp_path / "serve" / "a.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_dry_run_writes_nothing(folder: Path, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("init", "--dry-run") == 0
    assert names(folder) == {"serve"}
    said = capsys.readouterr().out
    assert "1 deployment: 1 vllm" in said
    assert "none stated: serve/** (1 config)" in said
    assert "planner.toml: new" in said


def test_without_a_terminal_it_does_not_write(folder: Path, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("init") == 2
    assert names(folder) == {"serve"}
    assert "--yes writes" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "expected"), [(False, {"serve"}), (True, {"serve", "planner.toml"})])
def test_at_a_terminal_it_asks(
    folder: Path, planner: Run, monkeypatch: pytest.MonkeyPatch, answer: bool, expected: set[str]
) -> None:
    asked: list[str] = []

    def confirm(question: str, default: bool) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("click.confirm", confirm)
    assert planner("init") == 0
    assert asked == ["write planner.toml?"]
    assert names(folder) == expected


def test_it_writes_and_a_second_time_leaves_all_as_it_is(
    folder: Path, planner: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".git").mkdir()
    assert planner("init", "--yes") == 0
    assert names(folder) == {"serve", ".git", "planner.toml", ".pre-commit-config.yaml"}
    written = [(folder / name).read_bytes() for name in ("planner.toml", ".pre-commit-config.yaml")]
    capsys.readouterr()
    assert planner("init", "--yes") == 0
    assert [(folder / name).read_bytes() for name in ("planner.toml", ".pre-commit-config.yaml")] == written
    said = capsys.readouterr().out
    assert "is there already" in said
    assert "has the hook already" in said
    assert planner("lint") == 0


def test_settings_go_where_the_project_keeps_its_own(folder: Path, planner: Run) -> None:
    project = folder / "pyproject.toml"
    project.write_bytes(b"[project]\r\nname = 'a'\r\n")
    assert planner("init", "--yes") == 0
    assert project.read_bytes().startswith(b"[project]\r\nname = 'a'\r\n\r\n[tool.planner]\r\n")
    assert names(folder) == {"serve", "pyproject.toml"}


def test_a_hook_that_cannot_be_added_is_shown(folder: Path, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    hooks = folder / ".pre-commit-config.yaml"
    hooks.write_text("repos: []\n")
    assert planner("init", "--yes") == 0
    assert hooks.read_text() == "repos: []\n"
    said = capsys.readouterr().out
    assert "put this into its `repos`" in said
    assert "- id: planner" in said


def test_broken_settings_are_said(folder: Path, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text("[tool.planner\n")
    assert planner("init", "--yes") == 2
    assert "not valid TOML" in capsys.readouterr().err


def test_an_empty_repository_is_said_to_be_one(
    tmp_path: Path, planner: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planner("init", "--dry-run", str(tmp_path)) == 0
    assert "no config of a language model in 0 files" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_asks_planner(planner: Run, capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert planner("completion", shell) == 0
    assert "_PLANNER_COMPLETE" in capsys.readouterr().out


def test_commands_and_options_are_completed(planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import ShellComplete

    from planner.cli.commands import group

    complete = ShellComplete(group, {}, "planner", "_PLANNER_COMPLETE")
    assert "lint" in {item.value for item in complete.get_completions([], "li")}
    assert "--fail-on" in {item.value for item in complete.get_completions(["lint"], "--fail")}
    assert "sarif" in {item.value for item in complete.get_completions(["lint", "--format"], "sa")}
