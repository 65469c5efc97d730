"""Words and numbers on a grid of terminal cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from planner.units import GIB, MIB, gib

_NARROW = dict.fromkeys(map(ord, "█▓▒░·…×÷−–—→≥≤½²│─└"), "x")
"""Signs of our own, one cell each: not worth loading the tables of `unicodedata`."""
_COLOR = "\x1b\\[[0-9;]*m"
_BREAK = r" (?!%|[KMGT]i?B\b)"
"""A space at which a line may end: not between a number and its unit."""


def cells(text: str) -> int:
    """Cells of `text` in a terminal: two for wide East Asian characters, none for combining marks and colours."""
    if "\x1b" in text:
        text = re.sub(_COLOR, "", text)
    if text.isascii() or text.translate(_NARROW).isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int) -> Iterator[str]:
    """`text` broken between words into lines of at most `width` cells; a longer word stays whole."""
    first, *words = re.split(_BREAK, text)
    line, used = first, cells(first)
    for word in words:
        size = cells(word)
        if line and used + 1 + size > width:
            yield line
            line, used = word, size
        else:
            line, used = f"{line} {word}", used + 1 + size
    yield line


def flow(items: Iterable[str], gap: str, width: int) -> Iterator[str]:
    """Items side by side with `gap` between them, as many as go into a line of `width` cells."""
    line = ""
    for item in items:
        if line and cells(line) + cells(gap) + cells(item) > width:
            yield line
            line = ""
        line = f"{line}{gap}{item}" if line else item
    if line:
        yield line


def table(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> Iterator[str]:
    """Rows with aligned columns two cells apart; those in `right` are flush right."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (_pad(text, widths[i], i in right) for i, text in enumerate(row))
        yield "  ".join(padded).rstrip()


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - cells(text))
    return space + text if right else text + space


def size(number: int) -> str:
    """Bytes for people: GiB, and smaller units where GiB would show nothing."""
    if abs(number) < MIB:
        return f"{number / 1024:,.2f} KiB"
    return gib(number) if abs(number) >= GIB // 10 else f"{number / MIB:,.2f} MiB"


def size_and_gb(number: int) -> str:
    """Bytes in both units, for what vendors and model cards state in GB."""
    return f"{gib(number)} ({number / 10**9:,.2f} GB)"


def share(part: float, whole: float) -> str:
    """A part as a percentage: "81.7 %"."""
    return f"{100 * part / whole:.1f} %"
