"""Which findings belong to which plan."""

from __future__ import annotations

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
    for finding in report.findings:
        owners = _owners(finding, report.plans)
        for index in owners:
            owned[index].append(finding)
        if not owners:
            orphans.append(finding)
    return owned, orphans


def _owners(finding: Finding, plans: tuple[Plan, ...]) -> list[int]:
    starts = {
        i: plan.workload.document.line for i, plan in enumerate(plans) if plan.workload.document.file == finding.file
    }
    if not starts:
        return [i for i, plan in enumerate(plans) if finding.file in _other_files(plan)]
    before = [line for line in starts.values() if line <= finding.line]
    line = max(before) if before else min(starts.values())
    found = [i for i, start in starts.items() if start == line]
    about = [i for i in found if _about(finding, plans[i])] if len(found) > 1 else []
    return about or found


def _about(finding: Finding, plan: Plan) -> bool:
    """Whether the value that the finding marks is one of the plan's."""
    from planner.places import place

    span = place(plan.workload, finding.field)
    return (span.line, span.column) == (finding.line, finding.column)


def _other_files(plan: Plan) -> set[str]:
    """Files that hold sections of the plan's config."""
    return {origin.document.file for origin in plan.workload.origins.values() if origin.document is not None}
