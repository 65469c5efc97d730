"""A bar of memory: parts side by side to scale, and marks below it where limits are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.report.layout import cells, size

if TYPE_CHECKING:
    from planner.report.style import Style


class Part(NamedTuple):
    """One kind of content."""

    label: str
    size: int
    glyph: str
    kind: str
    """A colour of `Style`."""


def lengths(sizes: Sequence[int], width: int) -> list[int]:
    """Cells of each size on a bar of `width`: to scale, at least one of what is there; the longest gives way."""
    whole = sum(sizes)
    if not whole:
        return [0] * len(sizes)
    ends = [(2 * end * width + whole) // (2 * whole) for end in accumulate(sizes)]
    found = [max(1, end - start) if part else 0 for part, start, end in zip(sizes, [0, *ends], ends, strict=False)]
    found[found.index(max(found))] += width - sum(found)
    return found


def bar(parts: Sequence[Part], width: int, style: Style) -> str:
    """The parts as one row of `width` cells."""
    drawn = lengths([part.size for part in parts], width)
    return "".join(style.paint(part.kind, part.glyph * n) for part, n in zip(parts, drawn, strict=True))


def mark(at: int, whole: int, label: str, width: int) -> str:
    """A row that points up at a size on a bar of `whole`, the label on the side where there is room."""
    cell = min(width - 1, at * width // whole)
    if cell + 2 + cells(label) <= width:
        return f"{' ' * cell}^ {label}"
    return f"{' ' * max(0, cell - cells(label) - 1)}{label} ^"


def legend(parts: Sequence[Part], style: Style) -> Iterator[str]:
    """Each part with its glyph and size."""
    for part in parts:
        yield f"{style.paint(part.kind, part.glyph)} {part.label} {size(part.size)}"
