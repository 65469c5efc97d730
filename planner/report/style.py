"""How output looks: colour, width, and how much is said besides the findings."""

from __future__ import annotations

from planner.record import NamedTuple

WIDTH = 100
"""Columns where nobody says how wide the terminal is."""

_CODES = {
    "error": "1;31", "warning": "1;33", "info": "1;36", "good": "32", "strong": "1", "dim": "2",
    "weights": "34", "cache": "35", "overhead": "33",
}  # fmt: skip


class Style(NamedTuple):
    """What a reporter may use."""

    color: bool = False
    width: int = WIDTH
    summary: bool = True
    """End with a line that counts."""
    quiet: bool = False
    """Findings and nothing else."""

    def paint(self, kind: str, text: str) -> str:
        """`text` in the colour of `kind`, where colours are wanted."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.color and text else text
