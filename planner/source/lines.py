"""Lines and columns of offsets in a text, as editors count them: LF, CRLF and CR end a line, nothing else does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=4)
def starts(text: str) -> Sequence[int]:
    """Offset of the first character of each line."""
    from array import array  # a tuple of a file's numbers could take 100 MB
    from itertools import accumulate

    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    found = array("L", accumulate(map(len, text.split("\n")), lambda start, length: start + length + 1, initial=0))
    found.pop()
    return found


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
