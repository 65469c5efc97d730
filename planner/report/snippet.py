"""Lines of a config with the places that matter underlined, as rustc shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.report.escape import text
from planner.report.layout import cells, wrap

if TYPE_CHECKING:
    from planner.report.style import Style
    from planner.source.document import Source

TAB = "    "
_CUT = "…"


class Mark(NamedTuple):
    """A place to underline. Lines and columns count from 1; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    label: str = ""
    level: str = ""
    """Level of the finding at its primary place; empty for a related one."""


class View(NamedTuple):
    """The part of a line that is shown."""

    text: str
    first: int
    """Index in the line of the first character shown."""
    offsets: tuple[int, ...]
    """Cell at which each shown character starts, and where the last one ends."""

    def place(self, column: int) -> int | None:
        """Cell of a column; None if it is not shown."""
        index = column - 1 - self.first
        return self.offsets[index] if 0 <= index < len(self.offsets) else None


def snippet(source: Source, marks: Iterable[Mark], style: Style) -> Iterator[str]:
    """The lines of `source` that `marks` point at, in order, each with its underlines."""
    ordered = sorted(marks)
    gutter = len(str(ordered[-1].line))
    bar = style.paint("dim", f"{' ' * gutter} |")
    yield bar
    shown: tuple[int, View] | None = None
    for mark in ordered:
        line = source.line(mark.line)
        if shown is None or shown[0] != mark.line or shown[1].place(mark.column) is None:
            if shown is not None and mark.line > shown[0] + 1:
                yield style.paint("dim", "...")
            shown = mark.line, view(line, mark.column, max(20, style.width - gutter - 3))
            yield f"{style.paint('dim', f'{mark.line:>{gutter}} |')} {shown[1].text}".rstrip()
        yield from (f"{bar} {row}" for row in _underline(shown[1], mark, style, max(20, style.width - gutter - 3)))


def view(line: str, column: int, width: int) -> View:
    """At most `width` cells of `line` around `column`, safe to print, with tabs as spaces."""
    start = _start(line, min(column - 1, len(line)), width // 2)
    head = _CUT if start else ""
    kept, offsets = [head], [len(head)]
    for index in range(start, min(max(start + width, column), len(line))):
        shown = _shown(line[index])
        end = offsets[-1] + cells(shown)
        if end + (index + 1 < len(line)) > width:
            kept.append(_CUT)
            break
        kept.append(shown)
        offsets.append(end)
    return View("".join(kept), start, tuple(offsets))


def _start(line: str, at: int, room: int) -> int:
    """Index of the first character such that those up to `at` take at most `room` cells."""
    while at and (room := room - cells(_shown(line[at - 1]))) >= 0:
        at -= 1
    return at


def _shown(character: str) -> str:
    return TAB if character == "\t" else text(character)


def _underline(shown: View, mark: Mark, style: Style, width: int) -> Iterator[str]:
    """The line of carets (dashes for a related place) under `mark`, its label beside or below."""
    start = shown.place(mark.column)
    if start is None:
        start = shown.offsets[-1]
    end = shown.place(mark.end_column) if mark.end_line == mark.line else None
    length = max(1, (shown.offsets[-1] if end is None else end) - start)
    kind = mark.level or "dim"
    line = " " * start + style.paint(kind, ("^" if mark.level else "-") * length)
    label = text(mark.label)
    if not label:
        yield line
    elif start + length + 1 + cells(label) <= width:
        yield f"{line} {style.paint(kind, label)}"
    else:
        yield line
        indent = min(start, width // 3)
        yield from (" " * indent + style.paint(kind, part) for part in wrap(label, width - indent))
