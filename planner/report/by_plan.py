"""Which findings belong to which plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
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
    starts, parts, about = _starts(report.plans), _parts(report.plans), _Places(report.plans)
    for finding in report.findings:
        in_file = starts.get(finding.file)
        owners = about.of(finding, _beside(finding, in_file)) if in_file else parts.get(finding.file, ())
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


def _beside(finding: Finding, starts: Mapping[int, list[int]]) -> list[int]:
    """Indices of the plans of the document in which a finding stands."""
    lines = list(starts)
    return starts[lines[max(bisect_right(lines, finding.line) - 1, 0)]]


class _Places:
    """Where the values of plans stand, each looked up once."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._known: dict[tuple[int, str], dict[tuple[int, int], list[int]]] = {}

    def of(self, finding: Finding, beside: list[int]) -> list[int]:
        """Those of the plans `beside` a finding whose value it marks; all of them where it marks none's."""
        if len(beside) == 1:
            return beside
        known = self._known.get((beside[0], finding.field))
        if known is None:
            known = self._known[beside[0], finding.field] = self._stand(beside, finding.field)
        return known.get((finding.line, finding.column), beside)

    def _stand(self, beside: Iterable[int], field: str) -> dict[tuple[int, int], list[int]]:
        from planner.places import place

        found: dict[tuple[int, int], list[int]] = {}
        for index in beside:
            span = place(self._plans[index].workload, field)
            found.setdefault((span.line, span.column), []).append(index)
        return found
