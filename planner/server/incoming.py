"""What comes in over standard input, without a length that nobody can mean: pygls would try to read that much."""

from __future__ import annotations

import re
from typing import BinaryIO

LINE = 1 << 12
"""Bytes of a header line; a longer one comes in pieces."""
_TOO_LONG = re.compile(rb"Content-Length: *\d{9,}", re.IGNORECASE)
"""From 100 MB on: a config of more than 4 MiB is not looked at."""


class Incoming:
    """A stream of messages. One that is too long is given no length: what follows is skipped up to the next header."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        """The next line of a header; empty at the end."""
        line = self._stream.readline(LINE)
        return b"\n" if _TOO_LONG.match(line) else line

    def read(self, size: int) -> bytes:
        """The body of a message."""
        return self._stream.read(size)
