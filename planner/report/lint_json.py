"""What `planner lint` found, for programs (schemas/lint.schema.json)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report.json_text import dump

if TYPE_CHECKING:
    from planner.finding import Finding, Repair
    from planner.pipeline import Report
    from planner.report.style import Style

VERSION = 1
"""Of the JSON that is printed; it grows by new keys and changes its number with anything else."""


def render(report: Report, style: Style) -> Iterator[str]:
    """The report as one JSON object. `style` says nothing to a program."""
    yield dump(
        {
            "version": VERSION,
            "findings": [finding_object(finding) for finding in report.findings],
            "checked": report.checked,
            "not_checked": [item._asdict() for item in report.not_checked],
            "skipped": report.skipped,
            "silenced": [
                {"finding": finding_object(each.finding), "by": each.by, "reason": each.reason}
                for each in report.silenced
            ],
            "switched_off": report.switched_off,
            "fixed": report.fixed,
        }
    )


def finding_object(finding: Finding) -> dict[str, object]:
    """A finding under the names of the schema."""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "level": finding.level,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "field": finding.field,
        "message": finding.message,
        "help": finding.help,
        "related": [related._asdict() for related in finding.related],
        "fix": _fix(finding.repair),
    }


def _fix(repair: Repair) -> dict[str, object] | None:
    if not repair.edits:
        return None
    return {
        "safety": "safe" if repair.safe else "unsafe",
        "message": repair.message,
        "edits": [edit._asdict() for edit in repair.edits],
    }
