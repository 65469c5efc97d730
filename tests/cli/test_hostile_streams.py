"""Streams that take nothing, and a system that gives nothing more: the report and the exit code come all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "planner"]
TOO_LARGE = """\
model: {name: x, parameters: 70B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {memory: 80GiB, count: 1}}
"""
FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="streams and limits as POSIX has them")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("a.yaml").write_text(TOO_LARGE)


def planner(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([*COMMAND, *arguments], text=True, check=False, timeout=60, **options)


def many(number: int = 70) -> None:
    for each in range(number):
        Path(f"{each}.yaml").write_text(TOO_LARGE)


def test_several_processes_need_no_standard_output() -> None:
    many()
    done = planner("lint", ".", "-j2", "-f", "json", "-o", "r.json", stdout=None, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (1, "")
    assert Path("r.json").read_text().count("FIT001") >= 71


@needs_full
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["lint", "--nonsense"], 2), (["lint", "gone.yaml", "-q"], 3), (["lint", "a.yaml", "-o", "/no/such/place"], 3)],
)
def test_the_exit_code_does_not_depend_on_who_reads_the_reason(arguments: list[str], code: int) -> None:
    with FULL.open("w") as full:
        assert planner(*arguments, stderr=full).returncode == code
    assert planner(*arguments, stderr=None, preexec_fn=lambda: os.close(2)).returncode == code


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [["rules"], ["schema"], ["explain", "FIT001"], ["models", "llama"], ["lint", "--show-files"], ["--version"]],
)
def test_a_full_disk_is_no_defect_of_ours(arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = planner(*arguments, stdout=full)
    assert (done.returncode, done.stderr) == (3, "planner: cannot write standard output: No space left on device\n")


@pytest.mark.parametrize("way", ["full", "closed"])
def test_what_is_mended_on_standard_input_is_not_lost_in_silence(way: str) -> None:
    if way == "full" and not FULL.exists():
        pytest.skip("no device that is always full")
    with open("/dev/full" if way == "full" else os.devnull, "w") as stream:
        close = (lambda: os.close(1)) if way == "closed" else None
        done = planner("lint", "--fix", "-", input=TOO_LARGE, stdout=stream, preexec_fn=close)
    assert done.returncode == 3
    assert "planner: cannot write standard output: " in done.stderr


def test_a_reader_that_has_seen_enough_changes_nothing() -> None:
    many()
    for jobs in ("1", "2"):
        with subprocess.Popen([*COMMAND, "lint", ".", "-j", jobs, "-f", "jsonl"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:  # fmt: skip
            assert process.stdout is not None and process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert (process.stderr.read(), process.wait(60)) == (b"", 1)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-16"])
def test_every_encoding_takes_every_command(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    Path("模型.yaml").write_text(TOO_LARGE.replace("name: x", "name: 模型🤖"), encoding="utf-8")
    done = subprocess.run([*COMMAND, "plan", "."], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    done = subprocess.run([*COMMAND, "lint", "."], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, b"")
    assert "FIT001" in done.stdout.decode(encoding)


def test_few_open_files_are_enough() -> None:
    many()
    import resource

    for most in (6, 20):
        limit = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (most, most))
        done = planner("lint", ".", "-j4", "-qf", "concise", preexec_fn=limit)
        assert (done.returncode, done.stderr, done.stdout.count("FIT001")) == (1, "", 71), most


LOADING = """
import sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from planner.cli import console
console()
"""


def test_an_interrupt_while_it_is_loaded_is_130_as_any_other() -> None:
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("filter", ["default", "error"])
def test_python_warns_of_nothing_in_a_config(filter: str) -> None:
    """A set within a set is a FutureWarning of `re`."""
    Path("b.yaml").write_text("model: {parameters: 7B}\ntraining: {trainable_modules: ['[[a-z]x'], tokens: 140B}\n")
    done = planner("lint", "b.yaml", env={**os.environ, "PYTHONWARNINGS": filter})
    assert (done.returncode, done.stderr) == (0, "")
