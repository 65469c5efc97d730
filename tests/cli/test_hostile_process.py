"""The command among files, streams and signals that mean no good, as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "planner"]
TOO_LARGE = """\
model: {name: x, parameters: 70B, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {memory: 80GiB, count: 1}}
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, pipes and devices as POSIX has them")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("a.yaml").write_text(TOO_LARGE)


def planner(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    options.setdefault("capture_output", True)
    return subprocess.run([*COMMAND, *arguments], text=True, check=False, timeout=60, **options)


needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")


@needs_full
@pytest.mark.parametrize("command", ["lint", "plan"])
def test_a_full_disk_behind_standard_output_is_said(command: str) -> None:
    with open("/dev/full", "w") as full:
        done = planner(command, "a.yaml", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (3, "planner: cannot write standard output: No space left on device\n")


@needs_full
def test_a_full_disk_behind_a_report_is_said_and_the_others_are_written() -> None:
    done = planner("lint", "a.yaml", "-f", "json", "-o", "/dev/full", "-f", "concise")
    assert done.returncode == 3
    assert done.stderr == "planner: cannot write /dev/full: No space left on device\n"
    assert "FIT001" in done.stdout


def test_a_cache_that_cannot_be_written_is_none() -> None:
    for number in range(120):
        Path(f"{number}.yaml").write_text(TOO_LARGE)
    Path("cache").write_text("a file where the folder should be")
    done = planner("lint", ".", "-f", "concise", "--no-summary")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("FIT001") == 121


def test_closed_streams_are_no_crash() -> None:
    closed = {"capture_output": False, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    assert planner("lint", "a.yaml", preexec_fn=lambda: os.close(1), capture_output=False).returncode == 1
    done = planner("lint", "-", preexec_fn=lambda: os.close(0), **closed)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "planner: - is given, and standard input is closed")


def test_an_endless_input_ends() -> None:
    with subprocess.Popen(["yes", "model: x"], stdout=subprocess.PIPE) as endless:
        done = planner("lint", "-", stdin=endless.stdout)
        endless.kill()
    assert done.returncode == 3
    assert "larger than 4 MiB" in done.stdout


def test_an_interrupt_is_130_without_a_traceback() -> None:
    os.mkfifo("never")
    command = [*COMMAND, "lint", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT)
    assert b"Traceback" not in err
    assert out == b""


@pytest.mark.parametrize("link", ["a.yaml", "nowhere", "loop.yaml", "/etc/passwd", "/dev/zero", "."])
def test_links_in_a_folder_keep_nothing_from_being_checked(link: str) -> None:
    Path("loop.yaml").symlink_to(link)
    done = planner("lint", ".", "-f", "concise", "--no-summary")
    assert (done.returncode, done.stderr) == (1, "")
    assert "a.yaml:2:53: error FIT001" in done.stdout


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: os.mkfifo(path), "it is a FIFO"),
        (lambda path: path.symlink_to("nowhere"), "no such file or directory"),
        (lambda path: path.symlink_to(path.name), "too many levels of symbolic links"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
    ],
    ids=["a FIFO", "a link to nowhere", "a link to itself", "a device"],
)
def test_what_is_named_and_is_no_file_is_said_at_once(make: Any, why: str, tmp_path: Path) -> None:
    make(tmp_path / "x.yaml")
    done = planner("lint", "x.yaml", "a.yaml", "-f", "concise")
    assert done.returncode == 3
    assert f"x.yaml:1:1: error CFG002 [unreadable-file] cannot be read: {why}" in done.stdout
    assert "FIT001" in done.stdout


def test_a_link_to_somebody_elses_file_shows_nothing_of_it() -> None:
    Path("x.yaml").symlink_to("/etc/passwd")
    done = planner("lint", "x.yaml")
    assert (done.returncode, "root" in done.stdout) == (0, False)


def test_settings_that_never_end_do_not_hang() -> None:
    os.mkfifo("other.toml")
    Path("planner.toml").write_text('extend = "other.toml"\n')
    done = planner("lint", "a.yaml")
    assert done.returncode == 2
    assert "it is a FIFO" in done.stderr


def test_a_name_that_looks_like_an_option_is_a_name_after_two_dashes() -> None:
    Path("-x.yaml").write_text(TOO_LARGE)
    assert "-x.yaml:2:53: error FIT001" in planner("lint", "--", "-x.yaml").stdout
    assert "-x.yaml:2:53: error FIT001" in planner("lint", ".").stdout


def test_nothing_is_written_but_what_is_asked_for() -> None:
    before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
    for arguments in (["lint"], ["lint", ".", "-f", "sarif"], ["plan", "a.yaml"], ["lint", "gone.yaml"]):
        planner(*arguments)
    assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before


@pytest.mark.parametrize("way", [COMMAND, [str(Path(sys.executable).with_name("planner"))]], ids=["module", "script"])
def test_modules_that_lie_around_are_not_run(way: list[str]) -> None:
    if not Path(way[0]).exists():
        pytest.skip("planner is not installed")
    for name in (
        "yaml",
        "click",
        "jsonschema",
        "json",
        "re",
        "gc",
        "tomllib",
        "sitecustomize_",
        "_yaml",
        "unicodedata",
    ):
        Path(f"{name}.py").write_text("open('owned', 'w')")
    Path("planner.toml").write_text("ignore = ['TOK']\n")
    Path("plugin").mkdir()
    done = subprocess.run([*way, "lint", "."], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert not Path("owned").exists()


def test_what_git_would_run_for_a_repository_is_not_run() -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    Path("evil").write_text("#!/bin/sh\ntouch owned\n")
    Path("evil").chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "diff.external"):
        subprocess.run(["git", "config", key, "./evil"], check=True)
    assert planner("lint", ".").returncode == 1
    assert not Path("owned").exists()


BOMBS = {
    "depth in flow": "model: " + "[" * 100_000,
    "depth in blocks": "- " * 100_000,
    "aliases": "a0: &a0 [x,x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1},*a{n - 1}]\n" for n in range(1, 40)),
    "merges": "a0: &a0 {k: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1},*a{n - 1},*a{n - 1}]}}\n" for n in range(1, 40)),
    "a circle": "model: &a {name: *a, parameters: 7B}\ndeployment: {engine: vllm, context: 8}\n",
    "a long number": "model: {parameters: " + "9" * 100_000 + "}\n",
    "a long line": "model: {parameters: 7B, name: " + "x" * 3_000_000 + "}\n",
    "keys": "model:\n" + "".join(f"  k{n}: 1\n" for n in range(150_000)),
    "duplicates": "model: {parameters: 7B}\n" * 20_000,
    "documents": (TOO_LARGE + "---\n") * 2_000,
    "comments": "# planner: ignore[FIT001]\n" * 20_000 + TOO_LARGE,
    "anchors": "".join(f"a{n}: &a{n} 1\nb{n}: *a{n}\n" for n in range(20_000)),
    "unknown models": "".join(f"model: {{name: org/model-{n}-7b}}\n---\n" for n in range(500)),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_small_file_takes_long(bomb: str) -> None:
    """A second is promised for one of some 100 KiB; the largest that is read, on a machine that is busy, has ten."""
    Path("bomb.yaml").write_text(BOMBS[bomb])
    begun = os.times().children_user
    done = planner("lint", "bomb.yaml", "-f", "json", "-o", "report.json", "-f", "concise")
    assert done.returncode in (0, 1, 3)
    assert done.stderr == ""
    assert os.times().children_user - begun < 10
