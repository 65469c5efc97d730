"""Files in a folder of their own, mended by the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Mend = Callable[..., bytes]


@pytest.fixture(name="mend")
def _mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """Writes a file, runs `planner lint --fix` on it and returns what it holds then."""
    from planner.cli import main

    monkeypatch.chdir(tmp_path)

    def mend(text: str | bytes, *options: str, name: str = "deploy.yaml") -> bytes:
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        main(["lint", "--isolated", "--fix", *options, name])
        return Path(name).read_bytes()

    return mend
