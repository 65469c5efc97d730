"""Whether a file is as it was: by what the disk says of it, or by its content.

The times of a file tell nothing of what happened to it within their own resolution: one that changed just before it
was read may have changed again since, at the same time and to the same size. Of such a file the content tells.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from planner import disk
from planner.source.files import Unreadable, read_bytes

FINE, COARSE = 10**8, 2 * 10**9
"""Nanoseconds within which a file may change and its times stay: where a disk counts in fractions of a second, and
where in seconds (FAT, in two of them)."""
_CONTENT = "#"


class Stamps:
    """Tells of paths, as a word each, what they are while it lives. Only of what stays as it is the word stays."""

    def __init__(self, by_content: bool) -> None:
        self._by_content = by_content
        self._begin = time.time_ns()

    def of(self, path: str) -> str:
        """What is at `path` now; empty for nothing."""
        if self._by_content or path in disk.pending:
            return _content(path)
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return ""
        latest = max(found.st_mtime_ns, found.st_ctime_ns)
        if latest > self._begin - (FINE if latest % 10**9 else COARSE):
            return _content(path)
        return f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino}"

    def still(self, path: str, stamp: str) -> bool:
        """Whether what is at `path` is what once had `stamp`."""
        if not stamp:
            return path not in disk.pending and not _is_there(path)
        now = self.of(path)
        return now == stamp or (now[:1] != _CONTENT == stamp[0] and _content(path) == stamp)

    def changed(self, path: str) -> bool:
        """Whether `path` changed since this began, so that nobody knows what was read of it."""
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return False
        return self._begin <= max(found.st_mtime_ns, found.st_ctime_ns) <= time.time_ns()


def _is_there(path: str) -> bool:
    """As os.path.exists, which takes twice as long to say no."""
    try:
        return os.access(path, os.F_OK)
    except ValueError:
        return False


def _content(path: str) -> str:
    """A digest of the file at `path`, or of the names in a folder; empty if there is nothing that can be read."""
    try:
        return digest(read_bytes(path))
    except Unreadable:
        return digest("\0".join(disk.listed(path)).encode("utf-8", "surrogateescape")) if os.path.isdir(path) else ""


def digest(data: bytes) -> str:
    """A word for `data`, and for nothing else."""
    return f"{_CONTENT}{_sha256()(data, usedforsecurity=False).hexdigest()[:32]}"


@cache
def _sha256() -> Callable[..., Any]:
    """Asked for often; the import takes 2 ms, and a third of a microsecond when it is repeated."""
    from hashlib import sha256

    return sha256
