"""One line per finding, for editors, `grep` and short logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape, summary

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report
    from planner.report.style import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """`path:line:column: level CODE [name] message`, then what was not checked, then the counts."""
    return escape.guarded(_lines(report, style))


def line(finding: Finding, style: Style) -> str:
    """One finding without its place."""
    title = style.paint(finding.level, f"{finding.level} {finding.rule}")
    return f"{title} [{finding.name}] {summary.first_line(finding.message)}"


def _lines(report: Report, style: Style) -> Iterator[str]:
    for finding in report.findings:
        place = f"{escape.name(finding.file)}:{finding.line}:{finding.column}:"
        yield f"{style.paint('strong', place)} {line(finding, style)}"
    if style.quiet:
        return
    yield from summary.not_checked(summary.not_said(report), style)
    if style.summary:
        yield summary.counts(report, style)
