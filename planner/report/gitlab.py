"""A Code Quality report of GitLab: a list of issues, each with a fingerprint that survives other edits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report.fingerprints import fingerprints
from planner.report.json_text import dump
from planner.report.place_names import called

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report
    from planner.report.style import Style

SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, style: Style) -> Iterator[str]:
    """All findings as one JSON list."""
    marks = fingerprints(report.findings)
    yield dump([_issue(finding, mark) for finding, mark in zip(report.findings, marks, strict=True)])


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    return {
        "type": "issue",
        "description": f"{finding.rule} {finding.name}: {finding.message.partition(chr(10))[0]}",
        "content": {"body": "\n".join(filter(None, (finding.message, finding.help)))},
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.level],
        "location": {
            "path": called(finding.file),
            "lines": {"begin": finding.line, "end": finding.end_line},
        },
    }
