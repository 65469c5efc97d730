"""What is on disk beside the file at hand: every look at it is remembered, so that a cache knows what it rests on.

Readers of formats, models and checkpoints ask here instead of `os.path`.
"""

from __future__ import annotations

import os

_seen: set[str] = set()
_volatile = False

pending: dict[str, bytes] = {}
"""What files are going to hold, by their path, while it is worked out how to mend them."""


def begin() -> None:
    """Forget what was looked at."""
    global _volatile
    _seen.clear()
    _volatile = False


def seen() -> frozenset[str] | None:
    """The paths that were looked at since `begin`, there or not; None where it cannot be told."""
    return None if _volatile else frozenset(_seen)


def note(path: str) -> str:
    """Remember that what is said rests on `path`."""
    _seen.add(path)
    return path


def note_more() -> None:
    """Remember that what is said rests on more than can be listed: a tree of folders, other people's files."""
    global _volatile
    _volatile = True


def is_file(path: str) -> bool:
    """Whether there is a file at `path`."""
    return os.path.isfile(note(path))


def is_dir(path: str) -> bool:
    """Whether there is a folder at `path`."""
    return os.path.isdir(note(path))


def exists(path: str) -> bool:
    """Whether there is anything at `path`."""
    return os.path.exists(note(path))


def listed(folder: str) -> list[str]:
    """The names in `folder`, sorted; none where it cannot be listed."""
    try:
        return sorted(os.listdir(note(folder or ".")))
    except OSError:
        return []
