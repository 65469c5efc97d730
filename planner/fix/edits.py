"""Edits applied to a text: whole repairs, none of which meets what another one changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from planner.source import lines

if TYPE_CHECKING:
    from planner.finding import Edit

Stretch = tuple[int, int, str]
"""Offsets of what is replaced, and what by."""


def stretches(text: str, edits: Iterable[Edit]) -> list[Stretch]:
    """Where `edits` are in `text`, in order. Raises IndexError for a line that it does not have."""
    return sorted(
        (lines.offset(text, edit.line, edit.column), lines.offset(text, edit.end_line, edit.end_column), edit.text)
        for edit in edits
    )


def meet(first: Iterable[Stretch], second: Sequence[Stretch]) -> bool:
    """Whether one of `first` overlaps one of `second`, or begins where it does."""
    pairs = ((one, other) for one in first for other in second)
    return any(one[0] == other[0] or (one[0] < other[1] and other[0] < one[1]) for one, other in pairs)


def applied(text: str, changes: Iterable[Stretch]) -> str:
    """`text` with `changes`, which do not overlap."""
    parts: list[str] = []
    at = 0
    for start, end, new in sorted(changes):
        parts += (text[at:start], new)
        at = end
    return "".join((*parts, text[at:]))
