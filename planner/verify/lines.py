"""The lines of a log as text without colours, however large and odd it is."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

LONGEST = 1 << 16
"""Characters of a line; the rest of it is passed over."""
MOST = 1 << 30
"""Characters of a log."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]{0,20}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\^_])|\x00")


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """(number from 1, text) of every line; LF, CRLF and the CR of progress bars end one. Raises OSError."""
    text = io.TextIOWrapper(stream, _encoding(stream), errors="replace")
    index, read, inside = 0, 0, False
    try:
        while read < MOST:
            piece = text.readline(LONGEST)
            if not piece:
                return
            read += len(piece)
            if not inside:
                index += 1
                yield index, plain(piece)
            inside = not piece.endswith("\n")
    finally:
        text.detach()


def plain(line: str) -> str:
    """`line` without escape sequences and the space at its end."""
    return (_ESCAPE.sub("", line) if "\x1b" in line or "\x00" in line else line).rstrip()


def _encoding(stream: BinaryIO) -> str:
    """UTF-8 unless a byte order mark says otherwise: PowerShell writes UTF-16."""
    peek = getattr(stream, "peek", None)
    begin = peek(4) if peek else b""
    return next((name for mark, name in _MARKS if begin.startswith(mark)), "utf-8")
