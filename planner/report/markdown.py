"""Markdown for a job's summary or a comment on a pull request: the findings, and the memory of each plan.

What comes from configs is text there, and no markup, mention or link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from planner.finding import LEVELS
from planner.report import escape, summary
from planner.report.layout import size
from planner.report.place_names import called
from planner.report.style import Style
from planner.rules import page
from planner.units import plural, short

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report
    from planner.plan.types import Plan
    from planner.report.bar import Part

MOST = 200
"""Findings, and plans, that are shown: GitHub takes 65,536 characters in a comment and 1 MiB in a summary."""
_MARKUP = {ord(c): f"&#{ord(c)};" for c in "\\`*_[]#!|<>&~$"} | {ord("@"): "@&#8203;"}
_WORD = re.compile(r":(?=\S)")
"""What begins a link or an emoji."""


def render(report: Report, style: Style) -> Iterator[str]:
    """A title with counts, the findings with the worst first, what was not checked, the plans."""
    return escape.guarded(_lines(report, style._replace(color=False)))


def _lines(report: Report, style: Style) -> Iterator[str]:
    counted = summary.counts(report, style)
    looked_at, _, found = counted.rpartition(" · ")
    yield f"## planner: {found}"
    yield ""
    yield _text(looked_at)
    if report.findings:
        yield ""
        yield from _findings(sorted(report.findings, key=lambda finding: -LEVELS.index(finding.level)))
    unsaid = () if style.quiet else summary.not_said(report)
    if unsaid:
        yield ""
        yield from (f"- {_text(line)}" for line in summary.not_checked(unsaid, style))
    plans = sorted(report.plans, key=lambda plan: (plan.workload.document.file, plan.workload.document.index))
    for plan in plans[:MOST]:
        yield from plan_lines(plan, style)
    if len(report.plans) > MOST:
        yield ""
        yield f"and {plural(len(report.plans) - MOST, 'more config')}"


def _text(value: str) -> str:
    """`value` on one line, and nothing but text."""
    return _WORD.sub(":&#8203;", escape.text(value.strip()).translate(_MARKUP))


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    rows = [_row(finding) for finding in findings[:MOST]]
    yield from _table(("level", "rule", "place", "finding", "what would help"), rows)
    if len(findings) > MOST:
        yield ""
        yield f"and {plural(len(findings) - MOST, 'more finding')}"


def _row(finding: Finding) -> tuple[str, ...]:
    url = page.url(finding.rule)
    rule = f"{f'[{finding.rule}]({url})' if url else finding.rule} {_text(finding.name)}"
    texts = ("<br>".join(map(_text, text.split("\n"))) for text in (finding.message, finding.help))
    return finding.level, rule, f"{_text(called(finding.file))}:{finding.line}", *texts


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: int = -1) -> Iterator[str]:
    """Rows as Markdown has them; the column `right` is flush right."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('--:' if number == right else '---' for number, _ in enumerate(head))}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def plan_lines(plan: Plan, style: Style) -> Iterator[str]:
    """The memory of one device, a table for each section that has some, and the training tokens."""
    sections, tokens = list(_sections(plan, style)), plan.tokens
    if not sections and (tokens is None or not tokens.recommended):
        return
    document = plan.workload.document
    name = plan.model.name if plan.model and plan.model.name else plan.workload.name
    yield ""
    yield f"### {_text(name)} ({_text(called(document.file))}:{document.line})"
    for parts, limits, verdict in sections:
        yield ""
        rows = [(part.label, size(part.size)) for part in parts if part.size]
        rows += [(f"**{label}**", f"**{size(number)}**") for label, number in limits if number is not None]
        yield from _table(("memory of one device", ""), rows, right=1)
        yield ""
        yield _text(verdict)
    if tokens is not None and tokens.recommended:
        planned = f"{short(tokens.planned)} planned, " if tokens.planned else ""
        yield ""
        yield f"training tokens: {planned}{short(tokens.recommended)} recommended"


def _sections(plan: Plan, style: Style) -> Iterator[tuple[list[Part], list[tuple[str, int | None]], str]]:
    """(parts, limits, verdict) of serving and of training."""
    from planner.report.plan_text import memory, training

    if plan.serving:
        device, parts = plan.serving.per_device, memory.parts(plan.serving.per_device)
        needed = sum(part.size for part in parts)
        said = memory.verdict(plan.serving.fits, plan.serving.fits_basis, needed, device.budget, style)
        yield parts, [("needed", needed), ("budget of the engine", device.budget), ("device", device.usable)], said
    if plan.training:
        step, parts = plan.training.per_device, training.parts(plan.training.per_device)
        needed = step.needed
        said = memory.verdict(plan.training.fits, plan.training.fits_basis, needed, step.usable, style)
        yield parts, [("needed at the peak", needed), ("device", step.usable)], said
