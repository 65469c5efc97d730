"""What an editor offers for a finding: the comment that silences it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.source import lines

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report

REASON = "reason"
"""To be written over."""


class Insertion(NamedTuple):
    """Text to put into a file, at a line and column from 1."""

    title: str
    line: int
    column: int
    text: str


def silencing(text: str, finding: Finding, check: Callable[[str], Report]) -> Insertion | None:
    """The comment that silences `finding` and nothing else, as `check` of the new text proves; None if none does.

    In JSON, and within a block of text, there is no such comment.
    """
    if finding.file.lower().endswith(".json"):
        return None
    before = _others(check(text), finding)
    for found in _candidates(text, finding):
        report = check(inserted(text, found))
        if not report.unreadable and _all(report) == before:
            return found
    return None


def inserted(text: str, insertion: Insertion) -> str:
    """`text` with it."""
    at = lines.starts(text)[insertion.line - 1] + insertion.column - 1
    return text[:at] + insertion.text + text[at:]


def _candidates(text: str, finding: Finding) -> Iterator[Insertion]:
    """Behind the line, and on a line of its own above."""
    title = f"Silence {finding.rule} here"
    comment = f"# planner: ignore[{finding.rule}] {REASON}"
    line = lines.line(text, finding.line)
    yield Insertion(title, finding.line, len(line) + 1, f"  {comment}")
    indent = line[: len(line) - len(line.lstrip())]
    yield Insertion(title, finding.line, 1, f"{indent}{comment}\n")


Known = list[tuple[str, str, str]]


def _all(report: Report) -> Known:
    return sorted((found.rule, found.field, found.message) for found in report.findings)


def _others(report: Report, finding: Finding) -> Known:
    """All findings of the same file without those of the same rule in the same line."""
    return sorted(
        (found.rule, found.field, found.message)
        for found in report.findings
        if (found.rule, found.line) != (finding.rule, finding.line)
    )
