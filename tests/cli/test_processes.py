"""The command as a process: what it imports, and pipes, encodings and folders that are not friendly."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "planner"]
PROBE = "import sys; from planner.cli import main; main({arguments!r}); print(*sys.modules)"


def modules(*arguments: str) -> set[str]:
    """Names of the modules that a command has imported in the end."""
    code = PROBE.format(arguments=list(arguments))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def planner(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_the_version_needs_neither_yaml_nor_any_room_of_the_house() -> None:
    found = modules("--version")
    heavy = {"yaml", "jsonschema", "json", "importlib.metadata", "tempfile", "planner.pipeline", "planner.source"}
    assert not found & heavy


def test_usage_errors_need_no_yaml() -> None:
    assert not modules("lint", "--nonsense") & {"yaml", "jsonschema", "planner.pipeline"}


def test_linting_a_clean_config_needs_no_jsonschema(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("model: {parameters: 7B}\ndeployment: {hardware: {memory: 80GiB}}\n", encoding="utf-8")
    found = modules("lint", str(path))
    assert "yaml" in found
    assert not found & {"jsonschema", "referencing", "tempfile", "traceback", "difflib", "importlib.metadata"}
    assert not {name for name in found if name.startswith("planner.report.plan")}


def test_the_version_is_the_packages_and_the_data_has_a_date() -> None:
    from planner import __version__

    done = planner("--version")
    first, second = done.stdout.decode().splitlines()[:2]
    assert (done.returncode, first) == (0, f"planner {__version__}")
    assert re.match(r"data of 20[0-9]{2}-[0-9]{2}-[0-9]{2}: ", second)


def test_modules_of_the_folder_it_is_called_in_are_not_run(tmp_path: Path) -> None:
    for name in ("click", "yaml", "json", "unicodedata"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('owned')", encoding="utf-8")
    done = planner("rules", cwd=tmp_path)
    assert done.returncode == 0
    assert b"owned" not in done.stderr


def test_plugins_do_not_come_from_the_repository(tmp_path: Path) -> None:
    points = tmp_path / "site-packages" / "acme-1.0.dist-info"
    points.mkdir(parents=True)
    (points / "entry_points.txt").write_text("[planner.rules]\nacme = acme\n", encoding="utf-8")
    (tmp_path / "acme.py").write_text("raise SystemExit('owned')", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("model: {parameters: 7B}\ndeployment: {hardware: {memory: 80GiB}}\n")
    done = planner("lint", "--select", "FIT", "a.yaml", cwd=tmp_path)
    assert done.returncode == 0
    assert b"owned" not in done.stdout + done.stderr
    assert b"acme" not in planner("--version", cwd=tmp_path).stdout


def test_a_reader_that_has_seen_enough_sees_no_complaint() -> None:
    with subprocess.Popen([*COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_an_encoding_of_few_characters_is_enough(encoding: str) -> None:
    import os

    done = planner("explain", "FIT001", env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding)
