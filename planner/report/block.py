"""One finding for people: its message, its lines with what takes part in it, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.layout import wrap
from planner.report.snippet import Mark, snippet

if TYPE_CHECKING:
    from planner.finding import Finding, Related
    from planner.pipeline import Report
    from planner.report.style import Style

INDENT = "  "


def block(finding: Finding, report: Report, style: Style) -> Iterator[str]:
    """One finding."""
    place = style.paint("strong", f"{escape.name(finding.file)}:{finding.line}:{finding.column}:")
    title = style.paint(finding.level, f"{finding.level} {finding.rule}")
    yield f"{place} {title} {style.paint('strong', finding.name)}"
    yield from _message(finding, style)
    yield from _places(finding, report, style)
    if finding.help:
        yield from _help(finding.help, style)


def _message(finding: Finding, style: Style) -> Iterator[str]:
    """The headline, and below it its working."""
    for number, line in enumerate(escape.lines(finding.message)):
        for part in wrap(line, style.width - len(INDENT)):
            yield f"{INDENT}{part if number == 0 else style.paint('dim', part)}"


def _places(finding: Finding, report: Report, style: Style) -> Iterator[str]:
    """The finding's own lines with the related ones of the same file among them; then those of other files."""
    here = [Mark(*related[1:]) for related in finding.related if related.file == finding.file]
    marks = [Mark(*finding[1:5], level=finding.level), *here]
    source = report.sources.get(finding.file)
    if source is not None and any(source.line(mark.line) for mark in marks):
        yield from snippet(source, marks, style)
    for related in finding.related:
        if source is None or related.file != finding.file:
            yield from _elsewhere(related, report, style)


def _elsewhere(related: Related, report: Report, style: Style) -> Iterator[str]:
    place = f"{escape.name(related.file)}:{related.line}:{related.column}"
    source = report.sources.get(related.file)
    if source is None:
        yield f"{INDENT}{style.paint('dim', '= also')} {place}: {escape.text(related.message)}"
        return
    yield f"{INDENT}{style.paint('dim', '-->')} {place}"
    yield from snippet(source, [Mark(*related[1:])], style)


def _help(text: str, style: Style) -> Iterator[str]:
    """One line of help per change that would do."""
    label = "= help: "
    for number, line in enumerate(escape.lines(text)):
        start = style.paint("good", label) if number == 0 else " " * len(label)
        for part in wrap(line, style.width - len(INDENT) - len(label)):
            yield f"{INDENT}{start}{part}"
            start = " " * len(label)
