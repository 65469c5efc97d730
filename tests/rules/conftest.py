"""A config in, the rules that speak up out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from planner import discover, pipeline
from planner.finding import Finding

Lint = Callable[[str], dict[str, Finding]]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Findings by rule of a native config."""

    def findings(text: str) -> dict[str, Finding]:
        path = tmp_path / "config.yaml"
        path.write_text(text)
        report = pipeline.run(discover.find([str(path)]), pipeline.Options())
        return {finding.rule: finding for finding in report.findings}

    return findings
