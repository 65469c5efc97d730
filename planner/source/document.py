"""What reading a file yields: documents of plain values, and the place of each value in the text."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str | int, ...]
"""Keys and indices from a document's root to a value: ("deployment", "hardware", "count")."""


class Span(NamedTuple):
    """A stretch of text as an editor shows it: lines and columns from 1, the end exclusive. CR, LF and CRLF end a line."""

    line: int
    column: int
    end_line: int
    end_column: int
