"""What mending changes, as a unified diff that `patch` and `git apply` take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape
from planner.source import lines

if TYPE_CHECKING:
    from planner.report.style import Style

_SIGNS = {"-": "error", "+": "good", "@": "dim"}


def diff(file: str, before: str, after: str, style: Style) -> Iterator[str]:
    """The lines of a diff between two texts of `file`."""
    from difflib import unified_diff

    name = escape.name(file)
    for number, line in enumerate(unified_diff(_lines(before), _lines(after), name, name, lineterm="\n")):
        text, end = (line[:-1], "") if line.endswith("\n") else (line, "\n\\ No newline at end of file")
        shown = _shown(text)
        sort = "strong" if number < 2 else _SIGNS.get(line[:1], "")
        yield f"{style.paint(sort, shown) if sort else shown}{end}"


def _lines(text: str) -> list[str]:
    starts = lines.starts(text)
    return [text[start:end] for start, end in zip(starts, (*starts[1:], len(text)), strict=True) if start < end]


def _shown(line: str) -> str:
    """A line with the tabs and the carriage return that a patch needs."""
    body = line.removesuffix("\r")
    return "\t".join(map(escape.text, body.split("\t"))) + line[len(body) :]
