"""What `planner lint` found as lines of JSON, for programs that read along: findings, what was not checked, counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report.json_text import dump_line
from planner.report.lint_json import VERSION, finding_object

if TYPE_CHECKING:
    from planner.pipeline import Report
    from planner.report.style import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """One object a line, each with its `type`: finding, not_checked, and summary in the end."""
    for finding in report.findings:
        yield dump_line({"type": "finding", **finding_object(finding)})
    for item in report.not_checked:
        yield dump_line({"type": "not_checked", **item._asdict()})
    counts = {"findings": len(report.findings), "checked": report.checked, "skipped": report.skipped}
    kept_back = {"silenced": len(report.silenced), "switched_off": report.switched_off}
    yield dump_line({"type": "summary", "version": VERSION, **counts, **kept_back})
