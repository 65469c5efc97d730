"""What was checked, what was not and why, and how much was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.finding import LEVELS
from planner.report import escape
from planner.units import plural

if TYPE_CHECKING:
    from planner.pipeline import Report, Unchecked
    from planner.report.style import Style

NO_HARDWARE, FITS = "REF003", frozenset({"serving", "training"})
"""The rule that says that hardware is not stated, and what is then not checked."""
TOLD = 10
"""Reasons that are told one by one."""
SHOWN = 3
"""Places that are listed of one and the same reason."""


def not_said(report: Report) -> tuple[Unchecked, ...]:
    """What was not checked, without the fits of which a finding says so at the same place, with what would mend it."""
    said = {(finding.file, finding.line) for finding in report.findings if finding.rule == NO_HARDWARE}
    return tuple(item for item in report.not_checked if item.what not in FITS or (item.file, item.line) not in said)


def not_checked(items: Iterable[Unchecked], style: Style) -> Iterator[str]:
    """What was not checked, each reason once with its places and with what would mend it; of many, kinds of them."""
    groups: dict[tuple[str, str, str], list[Unchecked]] = {}
    for item in items:
        groups.setdefault((item.what, item.because, item.mend), []).append(item)
    if len(groups) > TOLD:
        from planner.report.reasons import told

        yield from told((item for places in groups.values() for item in places), style)
        return
    for (what, because, mend), places in groups.items():
        said = f"{style.paint('strong', f'{escape.text(what)} not checked')}: {first_line(because)}"
        for item in places[:SHOWN]:
            yield f"{escape.name(item.file)}:{item.line}: {said}"
        if len(places) > SHOWN:
            yield f"  and {plural(len(places) - SHOWN, 'more place')} for the same reason"
        if mend:
            yield f"  {style.paint('dim', '= help:')} {first_line(mend)}"


def counts(report: Report, style: Style) -> str:
    """The last line: "checked 3 configs, 1 not checked, skipped 12 files · 1 error, 2 warnings"."""
    seen = [f"checked {plural(report.checked, 'config')}"]
    if report.not_checked:
        seen.append(f"{len(report.not_checked):,} not checked{_reason(report)}")
    if report.unreadable:
        seen.append(f"{len(report.unreadable):,} unreadable")
    if report.silenced:
        seen.append(f"{len(report.silenced):,} silenced")
    if report.switched_off:
        seen.append(f"{report.switched_off:,} switched off")
    if report.skipped:
        seen.append(f"skipped {plural(report.skipped, 'file')}")
    return f"{', '.join(seen)} · {_found(report, style)}{_mended(report, style)}"


def _mended(report: Report, style: Style) -> str:
    """What was fixed, and what can be: ", fixed 3" and a line "[*] 2 fixable with --fix"."""
    fixed = f"; fixed {plural(report.fixed, 'finding')}" if report.fixed else ""
    safe = sum(bool(finding.repair.edits) and finding.repair.safe for finding in report.findings)
    unsafe = sum(bool(finding.repair.edits) and not finding.repair.safe for finding in report.findings)
    said = [f"{safe:,} fixable with --fix"] if safe else []
    if unsafe:
        said.append(f"{unsafe:,} {'more' if safe else 'fixable'} with --fix --unsafe-fixes")
    return f"{fixed}\n{style.paint('good', '[*]')} {', '.join(said)}" if said else fixed


def first_line(text: str) -> str:
    """The headline of a message, safe to print."""
    return escape.lines(text)[0]


def _reason(report: Report) -> str:
    reasons = {item.because for item in report.not_checked}
    reason = first_line(reasons.pop())
    return f" ({reason})" if not reasons and len(reason) <= 60 else ""


def _found(report: Report, style: Style) -> str:
    numbers = {level: sum(finding.level == level for finding in report.findings) for level in reversed(LEVELS)}
    nouns = {"info": "note"}
    parts = [style.paint(level, plural(number, nouns.get(level, level))) for level, number in numbers.items() if number]
    return ", ".join(parts) or style.paint("good", "no findings")
