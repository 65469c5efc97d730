"""The hook, as pre-commit runs it: on a repository of its own, from this checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PRE_COMMIT = shutil.which("pre-commit", path=str(Path(sys.executable).parent)) or shutil.which("pre-commit")

TOO_LARGE = """\
model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
"""
FITS = TOO_LARGE.replace("count: 1", "count: 4").replace("context: 4096", "context: 4096, tensor_parallel: 4")

pytestmark = pytest.mark.skipif(
    PRE_COMMIT is None or not (PROJECT / ".git").exists(), reason="needs pre-commit and a git checkout"
)


@pytest.fixture(scope="module")
def hook_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit-home")


def run(
    folder: Path, home: Path, hook: str = "planner", which: tuple[str, ...] = ("--all-files",), **files: str
) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "PRE_COMMIT_HOME": str(home),
    }
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    command = [str(PRE_COMMIT), "try-repo", str(PROJECT), hook, "--ref", "HEAD", *which, "--verbose"]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_other_peoples_yaml_passes_in_silence(tmp_path: Path, hook_home: Path) -> None:
    done = run(tmp_path, hook_home, workflow="on: push\njobs: {}\n", compose="services: {web: {image: nginx}}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
    assert "workflow.yaml" not in done.stdout


def test_what_does_not_fit_is_stopped(tmp_path: Path, hook_home: Path) -> None:
    done = run(tmp_path, hook_home, large=TOO_LARGE, fits=FITS)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "large.yaml:2" in done.stdout
    assert "FIT001" in done.stdout
    assert "fits.yaml" not in done.stdout


def test_broken_yaml_is_stopped(tmp_path: Path, hook_home: Path) -> None:
    done = run(tmp_path, hook_home, broken="model: [\n")
    assert done.returncode == 1
    assert "CFG001" in done.stdout


def test_what_the_settings_exclude_is_left_out(tmp_path: Path, hook_home: Path) -> None:
    (tmp_path / "planner.toml").write_text('exclude = ["large.yaml"]\n')
    done = run(tmp_path, hook_home, large=TOO_LARGE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_for_changes_looks_at_nothing_else(tmp_path: Path, hook_home: Path) -> None:
    done = run(tmp_path, hook_home, which=("--files", "fits.yaml"), large=TOO_LARGE, fits=FITS)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_for_all_finds_what_did_not_change(tmp_path: Path, hook_home: Path) -> None:
    done = run(tmp_path, hook_home, "planner-all", ("--files", "fits.yaml"), large=TOO_LARGE, fits=FITS)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "large.yaml:2" in done.stdout
    assert "checked 2 configs" in done.stdout
