"""A project of files, and the settings that hold in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from planner.catalog import model_row

Project = Callable[..., Path]


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Project:
    """Writes files and returns their folder."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture(autouse=True)
def _no_own_rows() -> object:
    """Catalogues of a test's own are forgotten after it."""
    yield
    model_row.forget()
