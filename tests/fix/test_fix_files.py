"""What is written, where, and when it is refused."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.cli import main
from planner.fix import files

TEXT = """\
model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
deployment: {engine: vllm, context: 131072, hardware: {memory: 24GiB, count: 1}}
"""
Output = pytest.CaptureFixture[str]


@pytest.fixture(name="lint")
def _lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.chdir(tmp_path)
    Path("deploy.yaml").write_text(TEXT)
    return lambda *arguments: main(["lint", "--isolated", *arguments])


def test_nothing_is_written_unasked(lint: Callable[..., int], capsys: Output) -> None:
    assert lint("deploy.yaml", "--unsafe-fixes") == 1
    assert Path("deploy.yaml").read_text() == TEXT
    assert "[*] 1 fixable with --fix" in capsys.readouterr().out


def test_a_diff_changes_nothing_and_git_applies_it(lint: Callable[..., int], capsys: Output) -> None:
    Path("crlf.yaml").write_bytes(TEXT.rstrip().replace("\n", "\r\n").encode())
    assert lint("--diff", ".") == 1
    assert Path("deploy.yaml").read_text() == TEXT
    said = capsys.readouterr()
    assert said.err == "would fix 2 findings in 2 files\n"
    subprocess.run(["git", "apply", "-p0", "--unidiff-zero"], input=said.out.encode(), check=True)
    assert lint("--diff", ".") == 0
    assert lint(".") == 0


def test_what_is_left_decides_the_exit_code(lint: Callable[..., int], capsys: Output) -> None:
    Path("large.yaml").write_text(TEXT.replace("Llama-3.1-8B", "Llama-2-70b-hf"))
    assert lint("--fix", "deploy.yaml") == 0
    assert "fixed 1 finding" in capsys.readouterr().out
    assert lint("--fix", ".") == 1
    assert "fixed" not in capsys.readouterr().out


def test_the_report_for_programs_counts_what_was_fixed(lint: Callable[..., int], capsys: Output) -> None:
    assert lint("--fix", "--format", "json", "deploy.yaml") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fixed"] == 1
    assert "FIT002" not in {finding["rule"] for finding in found["findings"]}


def test_the_mode_stays(lint: Callable[..., int]) -> None:
    Path("deploy.yaml").chmod(0o640)
    lint("--fix", ".")
    assert Path("deploy.yaml").stat().st_mode & 0o777 == 0o640
    assert os.listdir() == ["deploy.yaml"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to give files away")
def test_the_owner_stays(lint: Callable[..., int]) -> None:
    os.chown("deploy.yaml", 12345, 54321)
    lint("--fix", ".")
    found = Path("deploy.yaml").stat()
    assert (found.st_uid, found.st_gid) == (12345, 54321)


def test_nothing_is_written_through_a_link(lint: Callable[..., int], tmp_path: Path, capsys: Output) -> None:
    Path("elsewhere").mkdir()
    Path("deploy.yaml").rename("elsewhere/target.txt")
    Path("deploy.yaml").symlink_to("elsewhere/target.txt")
    assert lint("--fix", "deploy.yaml") == 1
    assert Path("deploy.yaml").is_symlink()
    assert Path("deploy.yaml").read_text() == TEXT
    assert "deploy.yaml is left as it is: it is a symbolic link" in capsys.readouterr().err


def test_a_file_that_changed_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"new")
    with pytest.raises(files.RefusedError, match="in the meantime"):
        files.replace(str(file), b"old", b"mended")
    assert file.read_bytes() == b"new"


def test_nothing_of_others_is_in_its_way(tmp_path: Path) -> None:
    file, beside = tmp_path / "a.yaml", tmp_path / f"a.yaml.{os.getpid()}.tmp"
    file.write_bytes(b"old")
    beside.write_bytes(b"somebody's")
    with pytest.raises(files.RefusedError, match="exists"):
        files.replace(str(file), b"old", b"mended")
    assert (file.read_bytes(), beside.read_bytes()) == (b"old", b"somebody's")


def test_a_section_in_another_file_is_mended_only_with_that_file(lint: Callable[..., int]) -> None:
    section = TEXT.splitlines()[1].removeprefix("deployment: ") + "\n"
    Path("deployment.yaml").write_text(section)
    Path("deploy.yaml").write_text(TEXT.splitlines()[0] + "\ndeployment: ./deployment.yaml\n")
    assert lint("--fix", "deploy.yaml") == 1
    assert Path("deployment.yaml").read_text() == section
    assert lint("--fix", "deploy.yaml", "deployment.yaml") == 0
    assert Path("deployment.yaml").read_text() != section


def test_what_the_settings_exclude_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    section = TEXT.splitlines()[1].removeprefix("deployment: ") + "\n"
    Path("planner.toml").write_text('exclude = ["deployment.yaml"]\n')
    Path("deployment.yaml").write_text(section)
    Path("deploy.yaml").write_text(TEXT.splitlines()[0] + "\ndeployment: ./deployment.yaml\n")
    assert main(["lint", "--fix", "."]) == 1
    assert Path("deployment.yaml").read_text() == section


def test_standard_input_comes_out_mended(
    lint: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    data = TEXT.replace("\n", "\r\n").encode()
    done = subprocess.run(
        [sys.executable, "-m", "planner", "lint", "--isolated", "--fix", "-", "--stdin-filename", "x.yaml"],
        input=data, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith(data[:80])
    assert done.stdout.count(b"\r\n") == 2
    assert b"131072" not in done.stdout
    assert b"fixed 1 finding" in done.stderr
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(done.stdout)))
    assert lint("-", "--diff") == 0


def test_what_could_not_be_written_is_not_called_fixed(
    lint: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """The report is on the files as they are: one was mended, the other is as bad as before."""
    Path("other.yaml").write_text(TEXT)

    def replace(file: str, old: bytes, new: bytes) -> None:
        if file == "other.yaml":
            raise files.RefusedError("permission denied")
        write(file, old, new)

    write = files.replace
    monkeypatch.setattr(files, "replace", replace)
    assert lint("--fix", "deploy.yaml", "other.yaml", "-f", "concise") == 3
    out, err = capsys.readouterr()
    assert err == "planner: other.yaml is left as it is: permission denied\n"
    assert "other.yaml:2:37: error FIT002" in out
    assert "deploy.yaml:2:37" not in out
    assert "; fixed 1 finding" in out
    assert Path("other.yaml").read_text() == TEXT


SECRET = "hunter2-hunter2"
WITH_SECRETS = f"""\
# HF_TOKEN={SECRET}
model: {{name: meta-llama/Llama-3.1-8B, dtype: bfloat16}}
# ##[group]x
deployment:
  engine: vllm
  context: 131072
  hardware: {{memory: 24GiB, count: 1}}
# {SECRET}
"""


def test_a_file_with_secrets_is_mended_as_any_other(lint: Callable[..., int]) -> None:
    Path("deploy.yaml").write_text(WITH_SECRETS)
    assert lint("--fix", "deploy.yaml") == 0
    mended = Path("deploy.yaml").read_text()
    assert "131072" not in mended
    assert mended.splitlines()[0] == f"# HF_TOKEN={SECRET}"


def test_a_diff_shows_no_secret_and_git_applies_it(lint: Callable[..., int], capsys: Output) -> None:
    """The lines around the change end before one that cannot be shown as it is."""
    Path("deploy.yaml").write_text(WITH_SECRETS)
    assert lint("--diff", "deploy.yaml") == 1
    said = capsys.readouterr()
    assert said.err == "would fix 1 finding in 1 file\n"
    assert [line[0] for line in said.out.splitlines()] == list("-+@  -+ ")
    assert (SECRET in said.out, "##[" in said.out) == (False, False)
    subprocess.run(["git", "apply", "-p0"], input=said.out.encode(), check=True)
    assert lint("deploy.yaml") == 0


def test_a_change_beside_a_secret_is_for_people_and_says_so(lint: Callable[..., int], capsys: Output) -> None:
    Path("deploy.yaml").write_text(TEXT.rstrip() + f" # HF_TOKEN={SECRET}")
    assert lint("--diff", "deploy.yaml") == 1
    out, err = capsys.readouterr()
    assert SECRET not in out
    assert out.count(f"HF_TOKEN={'*' * len(SECRET)}") == 2
    assert err.startswith(
        "planner: deploy.yaml: a line that changes is not shown as it is; only --fix can apply this\n"
    )
    assert lint("--fix", "deploy.yaml") == 0
    assert f"HF_TOKEN={SECRET}" in Path("deploy.yaml").read_text()
