"""Bytes of a file. Only regular files are read: a FIFO or a device would make a hook wait for ever."""

from __future__ import annotations

import os
import stat

from planner import disk
from planner.source.limits import MAX_BYTES

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_BUFFER = 1 << 16
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Unreadable(Exception):  # noqa: N818
    """The file cannot be read; the message says why."""


def read_bytes(file: str) -> bytes:
    """The content of a regular file, cut one byte above the limit. Raises `Unreadable`."""
    if disk.note(file) in disk.pending:
        return disk.pending[file]
    try:
        handle = os.open(file, _FLAGS)
    except (OSError, ValueError) as error:
        raise Unreadable(_reason(error)) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            kinds = (f"it is {kind}" for test, kind in _KINDS if test(status.st_mode))
            raise Unreadable(next(kinds, "it is no regular file"))
        size = status.st_size
        begin = os.read(handle, min(size, MAX_BYTES) + 1)
        return begin if len(begin) == size else begin + _rest(handle, MAX_BYTES + 1 - len(begin))
    except OSError as error:
        raise Unreadable(_reason(error)) from None
    finally:
        os.close(handle)


def _rest(handle: int, left: int) -> bytes:
    """What else is in a file whose size was a lie (/proc), or that is not read at one go; `left` bytes at most.

    A buffer of the limit's size would cost more than the read.
    """
    parts = []
    while left > 0 and (part := os.read(handle, min(left, _BUFFER))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """The system's words, in lower case: "no such file or directory"."""
    words = getattr(error, "strerror", None) or str(error)
    return f"{words[:1].lower()}{words[1:]}"
