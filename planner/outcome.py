"""What came of checking one file, and the same as plain lists, for another process or a later run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from planner.failure import Failure
from planner.finding import Edit, Finding, Related, Repair
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.plan.types import Plan
    from planner.source.document import Source
    from planner.suppression import Silenced


class Unchecked(NamedTuple):
    """A config, or a part of one, that was not checked, and why."""

    file: str
    document: int
    line: int
    what: str
    because: str
    mend: str


class Outcome(NamedTuple):
    """What came of one file."""

    source: Source | None
    """None for a file that is not our business; `unsaid` where no line of it is shown."""
    plans: tuple[Plan, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[Unchecked, ...] = ()
    checked: int = 0
    """Configs of which something was checked."""
    unreadable: bool = False
    """It was named and could not be read or parsed."""
    fail_on: str | None = None
    """Level at which a finding in it fails the run, where its settings say so."""
    parts: tuple[str, ...] = ()
    """Files that were read together with it."""
    rests_on: tuple[str, ...] | None = ()
    """Other paths that were looked at, there or not; None where they cannot be listed."""
    failures: tuple[Failure, ...] = ()
    """What of planner itself failed over it, while all else was said."""
    silenced: tuple[Silenced, ...] = ()
    """Findings that comments and settings keep back."""


FOREIGN = Outcome(None)
"""Of a file that is not our business."""


def without_plans(outcome: Outcome) -> Outcome:
    """What the report of a linter needs: the findings, and the text where there are some."""
    source = outcome.source
    if source is None:
        return outcome
    if not outcome.findings:
        return outcome._replace(source=unsaid(), plans=())
    from planner.source.document import Source

    return outcome._replace(source=Source(source.file, source.text), plans=())


@cache
def unsaid() -> Source:
    """Of a file of which no line is shown."""
    from planner.source.document import Source

    return Source("")


@cache
def clean(checked: int) -> Outcome:
    """Of a file with so many configs that were checked, and nothing to say of them."""
    return Outcome(unsaid(), checked=checked)


def encode(outcome: Outcome) -> list[Any]:
    """`outcome`, which has no plans, as JSON can hold it."""
    source = outcome.source
    return [
        *((None, "") if source is None else source[:2]),
        list(map(_plain, outcome.findings)),
        [list(entry) for entry in outcome.not_checked],
        *outcome[4:-2],
        [list(entry) for entry in outcome.failures],
        [[_plain(each.finding), *each[1:]] for each in outcome.silenced],
    ]


def decode(row: list[Any]) -> Outcome:
    """The outcome that `encode` made `row` of."""
    from planner.source.document import Source

    file, text, findings, not_checked, *rest, rests_on, failures, silenced = row
    outcome = Outcome(
        None if file is None else Source(file, text),
        (),
        tuple(_finding(*found) for found in findings),
        tuple(Unchecked(*entry) for entry in not_checked),
        *rest,
    )
    rests_on = None if rests_on is None else tuple(rests_on)
    return outcome._replace(
        rests_on=rests_on,
        failures=tuple(Failure(*entry) for entry in failures),
        silenced=tuple(_silenced(*each) for each in silenced),
    )


def _plain(finding: Finding) -> list[Any]:
    safe, message, edits = finding.repair
    return [*finding[:-2], [list(other) for other in finding.related], [safe, message, [list(edit) for edit in edits]]]


def _silenced(finding: list[Any], *rest: Any) -> Silenced:
    from planner.suppression import Silenced

    return Silenced(_finding(*finding), *rest)


def _finding(*fields: Any) -> Finding:
    *_, related, (safe, message, edits) = fields
    repair = Repair(safe, message, tuple(Edit(*edit) for edit in edits))
    return Finding(*fields)._replace(related=tuple(Related(*other) for other in related), repair=repair)
