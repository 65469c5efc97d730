"""What once made planner fail does so no more, nor do the first of the inputs that `scripts/fuzz` makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
KEPT = sorted(str(file) for file in (PROJECT / "tests" / "hostile").iterdir())


@pytest.mark.parametrize("arguments", [["--replay", *KEPT], ["--inputs", "800", "--seed", "1"]], ids=["kept", "new"])
def test_nothing_fails(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, str(PROJECT / "scripts" / "fuzz"), *arguments, "--keep", str(tmp_path), "--limit", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    kept = "\n".join(file.read_text(encoding="utf-8") for file in tmp_path.glob("*.txt"))
    assert done.returncode == 0, done.stdout + done.stderr + kept
    assert f"{800 if '--seed' in arguments else len(KEPT)} inputs, " in done.stdout
