"""A plan for people: what the model is, what it takes, whether it fits, what would, and how many tokens it wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.report import escape, summary
from planner.report.by_plan import split
from planner.report.layout import cells, wrap
from planner.report.plan_text import memory, model, tokens

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report, Unchecked
    from planner.plan.types import Plan
    from planner.report.style import Style

LABEL = 13
"""Cells of the left column."""


def render(report: Report, style: Style) -> Iterator[str]:
    """Every plan, then what could not be planned."""
    return escape.guarded(_lines(report, style))


def _lines(report: Report, style: Style) -> Iterator[str]:
    owned, orphans = split(report)
    for plan, findings in zip(report.plans, owned, strict=True):
        yield from _plan(plan, findings, style)
        yield ""
    if orphans:
        from planner.report.block import block

        for finding in orphans:
            yield from block(finding, report, style)
            yield ""
    if style.quiet:
        return
    unplanned = list(_unplanned(report))
    if unplanned:
        yield from summary.not_checked(unplanned, style)
        yield ""
    if style.summary and not report.plans:
        yield f"nothing planned · {summary.counts(report, style)}"


def _unplanned(report: Report) -> Iterator[Unchecked]:
    """What was not checked and stands with no plan."""
    planned = {(plan.workload.document.file, plan.workload.document.index) for plan in report.plans}
    return (item for item in report.not_checked if item.what == "file" or (item.file, item.document) not in planned)


def _plan(plan: Plan, findings: list[Finding], style: Style) -> Iterator[str]:
    yield from _title(plan, style)
    narrow = style._replace(width=style.width - LABEL)
    for label, lines in _sections(plan, findings, narrow):
        yield from _section(label, lines, style)


def _title(plan: Plan, style: Style) -> Iterator[str]:
    """The name on the left, the place on the right, or below it where there is no room."""
    document = plan.workload.document
    name = escape.name(plan.model.name if plan.model and plan.model.name else plan.workload.name)
    place = f"{escape.name(document.file)}:{document.line}"
    space = style.width - cells(name) - cells(place)
    between = " " * space if space > 1 else "\n"
    yield from f"{style.paint('strong', name)}{between}{style.paint('dim', place)}".split("\n")


def _sections(plan: Plan, findings: list[Finding], style: Style) -> Iterator[tuple[str, Iterable[str]]]:
    """(label, lines) of what there is to say, in the order in which people ask."""
    if plan.model:
        yield "Model", model.headline(plan.model, style)
        yield "Parameters", model.parameters(plan.model, style)
    if plan.serving:
        yield "KV cache", memory.cache(plan.serving, plan.model)
        yield "Memory", memory.device(plan, style)
        yield "What fits", _texts(fix.text for fix in plan.serving.fixes)
    if plan.training:
        from planner.report.plan_text import training

        yield "Training", training.device(plan, style)
        yield "What fits", _texts(fix.text for fix in plan.training.fixes)
    if plan.tokens and plan.tokens.allocations:
        yield "Budget", tokens.budget(plan.tokens, style)
    if plan.tokens:
        yield "Tokens", tokens.lines(plan.tokens, style)
    reasons = (f"{item.what}: {item.because}{'; ' if item.mend else ''}{item.mend}" for item in plan.not_checked)
    yield "Not checked", _texts(reasons)
    yield "Assumed", _texts(_assumptions(plan))
    if findings:
        from planner.report import concise

        yield "Findings", (concise.line(finding, style) for finding in findings)


def _texts(values: Iterable[str]) -> Iterator[str]:
    return map(escape.text, values)


def _assumptions(plan: Plan) -> list[str]:
    """Each once, however many sections rest on it."""
    found: dict[str, None] = dict.fromkeys(plan.model.notes if plan.model else ())
    for part in (plan.serving, plan.training, plan.tokens):
        found.update(dict.fromkeys(part.assumptions if part else ()))
    return list(found)


def _section(label: str, lines: Iterable[str], style: Style) -> Iterator[str]:
    """Lines beside a label; a long one is wrapped and its continuation indented."""
    start = style.paint("strong", label) + " " * (LABEL - cells(label))
    for line in lines:
        parts = [line] if cells(line) <= style.width - LABEL else wrap(line, style.width - LABEL - 2)
        for number, part in enumerate(parts):
            yield f"{start}{'  ' if number else ''}{part}".rstrip()
            start = " " * LABEL
