"""What comes in over standard input, without a length that nobody can mean: pygls would try to read that much."""

from __future__ import annotations

import re
from typing import BinaryIO

LINE = 1 << 20
"""Bytes of a line of a header; a longer one comes in pieces."""
DIGITS = 8
"""Of a length: a config of more than 4 MiB is not looked at, none has 100 MB."""
_HEADER = re.compile(rb"Content-Length: *(\d+)\r\n\Z")


class Incoming:
    """A stream of messages. One that is too long is given no length: what follows is skipped up to the next header,
    which has no line of its own where it comes behind the body of another message."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        """The next line of a header; empty at the end."""
        line = self._stream.readline(LINE)
        header = _HEADER.search(line)
        if header is None:
            return line
        return header[0] if len(header[1]) <= DIGITS else b"\n"

    def read(self, size: int) -> bytes:
        """The body of a message."""
        return self._stream.read(size)
