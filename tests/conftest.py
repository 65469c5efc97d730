"""What holds for all tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="Write golden outputs anew.")


@pytest.fixture(autouse=True)
def _no_annotations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run the same on GitHub, where planner annotates by itself."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
