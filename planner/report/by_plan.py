"""Which findings belong to which plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report
    from planner.plan.types import Plan


def split(report: Report) -> tuple[list[list[Finding]], list[Finding]]:
    """The findings of each plan in order, and those of none (of a file that could not be read).

    A finding belongs to the plan whose value it is about; where that cannot be told, to all plans of the document in
    which it stands, or that took a value from its file.
    """
    owned: list[list[Finding]] = [[] for _ in report.plans]
    orphans = []
    starts, parts = _starts(report.plans), _parts(report.plans)
    for finding in report.findings:
        in_file = starts.get(finding.file)
        owners = _owners(finding, in_file, report.plans) if in_file else parts.get(finding.file, ())
        for index in owners:
            owned[index].append(finding)
        if not owners:
            orphans.append(finding)
    return owned, orphans


def _starts(plans: Sequence[Plan]) -> dict[str, dict[int, list[int]]]:
    """Indices of plans, by file and by the first line of their document, in order."""
    found: dict[str, dict[int, list[int]]] = {}
    for index, plan in sorted(enumerate(plans), key=lambda each: each[1].workload.document.line):
        document = plan.workload.document
        found.setdefault(document.file, {}).setdefault(document.line, []).append(index)
    return found


def _parts(plans: Sequence[Plan]) -> dict[str, list[int]]:
    """Indices of plans, by the files that hold sections of their configs."""
    found: dict[str, list[int]] = {}
    for index, plan in enumerate(plans):
        origins = plan.workload.origins.values()
        for file in {origin.document.file for origin in origins if origin.document is not None}:
            found.setdefault(file, []).append(index)
    return found


def _owners(finding: Finding, starts: Mapping[int, list[int]], plans: Sequence[Plan]) -> list[int]:
    lines = list(starts)
    found = starts[lines[max(bisect_right(lines, finding.line) - 1, 0)]]
    about = [index for index in found if _about(finding, plans[index])] if len(found) > 1 else []
    return about or found


def _about(finding: Finding, plan: Plan) -> bool:
    """Whether the value that the finding marks is one of the plan's."""
    from planner.places import place

    span = place(plan.workload, finding.field)
    return (span.line, span.column) == (finding.line, finding.column)
