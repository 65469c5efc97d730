"""Takes comments out that silence nothing, or the names in them that do not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.finding import Edit, Repair
from planner.source import lines

if TYPE_CHECKING:
    from planner.finding import Finding


def removed(finding: Finding, text: str) -> Finding:
    """An unused comment, or an unused name in one, with the edit that takes it out of `text`."""
    start = lines.offset(text, finding.line, finding.column)
    end = lines.offset(text, finding.end_line, finding.end_column)
    found = _comment(text, start, end) if text.startswith("#", start) else _name(text, start, end)
    if found is None:
        return finding
    edit = Edit(finding.file, *lines.span(text, *found), "")
    return finding._replace(repair=Repair(True, finding.help or "remove it", (edit,)))


def _comment(text: str, start: int, end: int) -> tuple[int, int]:
    """The comment with the space around it; the whole line where it stands alone."""
    while end < len(text) and text[end] in " \t":
        end += 1
    while start and text[start - 1] in " \t":
        start -= 1
    if start and text[start - 1] not in "\r\n":
        return start, end
    after = re.compile(r"\r\n|\n|\r").match(text, end)
    if after is not None:
        return start, after.end()
    before = re.search(r"(?:\r\n|\n|\r)\Z", text[max(0, start - 2) : start])
    return start - len(before[0]) if before else start, end


def _name(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The name with the comma behind it; of the last, with the one in front."""
    behind = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    if behind is not None:
        return start, behind.end()
    before = re.search(r"[ \t]*,[ \t]*\Z", text[:start][-80:])
    return (start - len(before[0]), end) if before else None
