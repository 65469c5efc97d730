"""For people: each finding with its lines, what takes part in it, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape, summary

if TYPE_CHECKING:
    from planner.pipeline import Report
    from planner.report.style import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """Every finding, then what was not checked, then the counts."""
    return escape.guarded(_lines(report, style))


def _lines(report: Report, style: Style) -> Iterator[str]:
    if report.findings:
        from planner.report.block import block

        for finding in report.findings:
            yield from block(finding, report, style)
            yield ""
    if style.quiet:
        return
    unsaid = summary.not_said(report)
    if unsaid:
        yield from summary.not_checked(unsaid, style)
        yield ""
    if style.summary:
        yield summary.counts(report, style)
