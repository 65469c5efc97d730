"""Changes to all that is said of a file, whoever said it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from planner.finding import Finding, Related

if TYPE_CHECKING:
    from typing import TypeVar

    from planner.outcome import Outcome, Unchecked
    from planner.plan.types import Plan
    from planner.workload import NotChecked

    Entry = TypeVar("Entry", NotChecked, Unchecked)

Change = Callable[[str], str]

LONGEST = 1_000
"""Characters of what is said at once. Nothing of ours is half as long: what is quotes a value of that length."""
HEAD, TAIL = 400, 200
"""Characters that are left of it: what it is about, and what is said of that."""


def brief(outcome: Outcome) -> Outcome:
    """`outcome` with the middle left out of what is too long to be read."""
    if max(map(len, _texts(outcome)), default=0) <= LONGEST:
        return outcome
    return reworded(outcome, lambda text: text if len(text) <= LONGEST else f"{text[:HEAD]} … {text[-TAIL:]}")


def reworded(outcome: Outcome, change: Change) -> Outcome:
    """`outcome` with `change` made to every message, name and reason in it. Places stay as they are."""
    return outcome._replace(
        plans=tuple(_plan(plan, change) for plan in outcome.plans),
        findings=tuple(_finding(finding, change) for finding in outcome.findings),
        not_checked=_unchecked(outcome.not_checked, change),
        silenced=tuple(each._replace(finding=_finding(each.finding, change)) for each in outcome.silenced),
    )


def _texts(outcome: Outcome) -> Iterator[str]:
    for finding in (*outcome.findings, *(each.finding for each in outcome.silenced)):
        yield from (finding.message, finding.help, finding.field, finding.repair.message)
        yield from (each.message for each in finding.related)
    for entry in outcome.not_checked:
        yield from (entry.because, entry.mend)
    for plan in outcome.plans:
        yield from (plan.workload.name, (plan.model and plan.model.name) or "")
        for missing in plan.not_checked:
            yield from (missing.because, missing.mend)


def _plan(plan: Plan, change: Change) -> Plan:
    model = plan.model and plan.model._replace(name=change(plan.model.name) if plan.model.name else None)
    workload = plan.workload._replace(name=change(plan.workload.name))
    return plan._replace(workload=workload, model=model, not_checked=_unchecked(plan.not_checked, change))


def _unchecked(entries: Iterable[Entry], change: Change) -> tuple[Entry, ...]:
    return tuple(each._replace(because=change(each.because), mend=change(each.mend)) for each in entries)


def _finding(finding: Finding, change: Change) -> Finding:
    return finding._replace(
        message=change(finding.message),
        help=change(finding.help),
        field=change(finding.field),
        repair=finding.repair._replace(message=change(finding.repair.message)),
        related=tuple(Related(*each[:-1], change(each.message)) for each in finding.related),
    )
