"""Files as they are, through the whole house: what is said and which code is returned."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CLEAN = "model: {parameters: 7B, dtype: float16}\ndeployment: {engine: transformers, hardware: {memory: 80GiB}}\n"
TOO_LARGE = "model: {parameters: 70B, dtype: float16}\ndeployment: {engine: transformers, hardware: {memory: 24GB}}\n"
FOREIGN = "on: push\njobs: {build: {runs-on: ubuntu-latest}}\n"
BROKEN = "model: {parameters: 7B\ntraining: [\n"

Run = Callable[..., int]
Output = pytest.CaptureFixture[str]


@pytest.fixture(name="write")
def _write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> str:
        Path(name).write_text(text, encoding="utf-8", errors="surrogateescape")
        return name

    return write


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        pytest.param(CLEAN, 0, "checked 1 config", id="what fits is clean"),
        pytest.param(FOREIGN, 0, "skipped 1 file", id="other people's files are skipped"),
        pytest.param("", 0, "skipped 1 file", id="so are empty ones"),
        pytest.param(TOO_LARGE, 1, "FIT001", id="what cannot fit is an error"),
        pytest.param(BROKEN, 3, "CFG001", id="a named file that is no YAML is unreadable"),
    ],
)
def test_one_file(planner: Run, write: Any, capsys: Output, text: str, code: int, said: str) -> None:
    assert planner("lint", write("a.yaml", text)) == code
    out, err = capsys.readouterr()
    assert said in out
    assert err == ""


def test_a_missing_file_is_unreadable(planner: Run, write: Any, capsys: Output) -> None:
    assert planner("lint", "gone.yaml", write("a.yaml", CLEAN)) == 3
    assert "gone.yaml:1:1: error CFG002" in capsys.readouterr().out


def test_a_broken_file_hides_no_finding_in_another(planner: Run, write: Any, capsys: Output) -> None:
    assert planner("lint", write("a.yaml", BROKEN), write("b.yaml", TOO_LARGE), "-f", "concise") == 3
    out = capsys.readouterr().out
    assert "a.yaml:2:" in out
    assert "b.yaml:2:" in out


def test_a_folder_is_searched(planner: Run, write: Any, capsys: Output) -> None:
    write("a.yaml", TOO_LARGE), write("ci.yaml", FOREIGN), write("notes.txt", TOO_LARGE)
    assert planner("lint", "-f", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert {Path(finding["file"]).name for finding in found["findings"]} == {"a.yaml"}
    assert found["skipped"] == 1


def test_standard_input_has_the_name_it_is_given(
    planner: Run, write: Any, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TOO_LARGE.encode())))
    assert planner("lint", "-", "--stdin-filename", "deploy.yaml") == 1
    assert capsys.readouterr().out.startswith("deploy.yaml:2:")


def test_hardware_of_the_command_line_is_for_configs_without_any(planner: Run, write: Any) -> None:
    path = write("a.yaml", "model: {parameters: 70B, dtype: float16}\ndeployment: {engine: transformers}\n")
    assert planner("lint", path) == 0
    assert planner("lint", path, "--hardware", "24GB") == 1
    assert planner("lint", path, "--hardware", "24GB:nonsense") == 2


def test_plan_prints_what_lint_finds(planner: Run, write: Any, capsys: Output) -> None:
    assert planner("plan", write("a.yaml", TOO_LARGE), "-f", "json") == 0
    (plan,) = json.loads(capsys.readouterr().out)["plans"]
    assert plan["serving"]["per_device"]["weights_bytes"] == 140 * 10**9
    assert plan["serving"]["fits"] is False
    assert "FIT001" in [finding["rule"] for finding in plan["findings"]]


@pytest.mark.parametrize("command", ["lint", "plan"])
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "name",
    ["::error::x.yaml", "a\nb.yaml", "\x1b[31m.yaml", "##[error].yaml", "caf\udce9.yaml", "\u202egpj.yaml", "- x.yaml"],
)
def test_a_file_name_is_only_a_name(
    planner: Run, write: Any, capsys: Output, command: str, form: str, name: str
) -> None:
    try:
        write(name, TOO_LARGE)
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    planner(command, "-f", form, "--", name)
    out, err = capsys.readouterr()
    assert err == ""
    for line in out.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_keys_and_values_are_only_text(planner: Run, write: Any, capsys: Output) -> None:
    path = write(
        "a.yaml", 'model: {parameters: 7B, "::error::\\e[31m\\n::x": 1, "##[error]": 2}\ntraining: {tokens: "\\r::y"}\n'
    )
    planner("lint", path)
    for line in capsys.readouterr().out.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_pipe_in_the_way_does_not_hang(planner: Run, write: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert planner("lint", "pipe.yaml") == 3
    write("a.yaml", CLEAN)
    assert planner("lint", ".") == 0


def test_the_first_line_is_enough_for_some(write: Any) -> None:
    names = [write(f"{i}.yaml", TOO_LARGE) for i in range(200)]
    command = [sys.executable, "-m", "planner", "lint", *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith(b"0.yaml:2:")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1
