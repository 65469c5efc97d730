"""Facts about one thing, a name and a text each, the text wrapped beside its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.report.layout import cells, wrap
from planner.report.style import Style

NARROWEST = 30
"""Cells that a text has at least."""


def pairs(facts: Iterable[tuple[str, str]], style: Style) -> Iterator[str]:
    """Lines for the facts that have a text."""
    said = [(name, text) for name, text in facts if text]
    indent = max((cells(name) for name, _ in said), default=0) + 2
    for name, text in said:
        first, *more = wrap(text, max(NARROWEST, style.width - indent))
        yield f"{style.paint('dim', name)}{' ' * (indent - cells(name))}{first}"
        yield from (" " * indent + line for line in more)
