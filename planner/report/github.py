"""Annotations of GitHub Actions: workflow commands, the worst first, since ten of each level are shown for a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.finding import LEVELS
from planner.report import escape
from planner.report.place_names import called

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report, Unchecked
    from planner.report.style import Style

Properties = dict[str, str | int]
COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, style: Style) -> Iterator[str]:
    """A command for each finding, and a notice for each reason why something was not checked."""
    for finding in sorted(report.findings, key=lambda finding: -LEVELS.index(finding.level)):
        yield _annotation(finding)
    if not style.quiet:
        yield from _not_checked(report.not_checked)


def _annotation(finding: Finding) -> str:
    place: Properties = {"file": called(finding.file), "line": finding.line, "endLine": finding.end_line}
    if finding.line == finding.end_line:  # columns of several lines are refused
        place |= {"col": finding.column, "endColumn": finding.end_column}
    text = "\n".join(filter(None, (finding.message, finding.help)))
    return _command(COMMANDS[finding.level], {**place, "title": f"{finding.rule} {finding.name}"}, text)


def _not_checked(items: Iterable[Unchecked]) -> Iterator[str]:
    """Each reason at its first place."""
    places: dict[tuple[str, str, str], list[Unchecked]] = {}
    for item in items:
        places.setdefault((item.what, item.because, item.mend), []).append(item)
    for (what, because, mend), (first, *others) in places.items():
        more = f"and {len(others):,} more for the same reason" if others else ""
        place: Properties = {"file": called(first.file), "line": first.line, "title": f"{what} not checked"}
        yield _command("notice", place, "\n".join(filter(None, (because, mend, more))))


def _command(name: str, properties: Properties, text: str) -> str:
    stated = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {stated}::{_data(text)}"


def _data(text: str) -> str:
    """`text` as the runner decodes it again (actions/toolkit, packages/core/src/command.ts)."""
    safe = escape.unmeant("\n".join(escape.lines(text)))
    return safe.replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(escape.text(text)).replace(":", "%3A").replace(",", "%2C")
