"""Lines and columns of offsets in a text, as editors count them: LF, CRLF and CR end a line, nothing else does."""

from __future__ import annotations

import re
from functools import lru_cache

_END = r"\r\n|\n|\r"


@lru_cache(maxsize=4)
def starts(text: str) -> tuple[int, ...]:
    """Offset of the first character of each line."""
    return (0, *(end.end() for end in re.finditer(_END, text)))


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `offset`; both of CRLF stand where the line ends."""
    from bisect import bisect_right

    table = starts(text)
    line = bisect_right(table, offset)
    within = offset > 0 and text[offset - 1 : offset + 1] == "\r\n"
    return line, offset - table[line - 1] + 1 - within


def offset(text: str, line: int, column: int) -> int:
    """The offset of the character at a line and column that `place` gave."""
    return starts(text)[line - 1] + column - 1


def span(text: str, start: int, end: int) -> tuple[int, int, int, int]:
    """Line and column of `start` and of `end` (exclusive)."""
    return (*place(text, start), *place(text, max(start, end)))


def line(text: str, number: int) -> str:
    """Line `number`, counted from 1, without its end; empty if there is none."""
    table = starts(text)
    if not 1 <= number <= len(table):
        return ""
    end = table[number] if number < len(table) else len(text)
    return text[table[number - 1] : end].rstrip("\r\n")
