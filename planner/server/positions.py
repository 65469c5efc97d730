"""Lines and columns as planner counts them (from 1, in characters), and as editors do (from 0, in code units)."""

from __future__ import annotations

from planner.source import lines

ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
"""Position encodings of the protocol: Python's name, and the bytes of a unit."""


def position(text: str, line: int, column: int, encoding: str = "utf-16") -> tuple[int, int]:
    """The editor's line and column of a place in `text`; the end of the line for a column beyond it."""
    name, width = ENCODINGS[encoding]
    before = lines.line(text, line)[: column - 1]
    return line - 1, len(before.encode(name, "surrogatepass")) // width
