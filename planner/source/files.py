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
        return _read(handle, status.st_size)
    except OSError as error:
        raise Unreadable(_reason(error)) from None
    finally:
        os.close(handle)


def _read(handle: int, size: int) -> bytes:
    """What is in the file. Its `size` can be a lie (/proc), though not where so much is read; a buffer of the limit's
    size costs more than the read."""
    left, wanted = MAX_BYTES + 1, size + 1
    whole = os.read(handle, min(left, wanted))
    if len(whole) == size:
        return whole
    parts = [whole]
    while parts[-1] and (left := left - len(parts[-1])) > 0:
        parts.append(os.read(handle, min(left, max(wanted, _BUFFER))))
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """The system's words, in lower case: "no such file or directory"."""
    words = getattr(error, "strerror", None) or str(error)
    return f"{words[:1].lower()}{words[1:]}"
