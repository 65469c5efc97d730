"""Logs as engines and trainers print them, shortened; versions from 0.3 of vLLM on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.verify.measured import Measured
from planner.verify.reading import read

LOGS = Path(__file__).parent / "logs"


def measured_of(text: str | bytes) -> Measured | None:
    """What is read from a log with this text."""
    return read(io.BytesIO(text.encode() if isinstance(text, str) else text))


@pytest.fixture(name="said")
def _said() -> Callable[[str | bytes], Measured | None]:
    return measured_of


@pytest.fixture(name="logged")
def _logged() -> Callable[[str], Measured]:
    def of(name: str) -> Measured:
        found = measured_of((LOGS / f"{name}.log").read_bytes())
        assert found is not None
        return found

    return of
