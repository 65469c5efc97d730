"""Which files a pattern means, much as in a .gitignore."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from planner.settings import Glob

ANY_DEPTH = "**"


def any_matches(globs: Iterable[Glob], file: str) -> bool:
    """Whether one of `globs` means `file`."""
    return any(matches(glob, file) for glob in globs)


def matches(glob: Glob, file: str) -> bool:
    """Whether `glob` means `file` or a folder above it.

    `*` and `?` stay within a name, `**` goes through folders; a pattern without a slash is for names at any depth.
    """
    try:
        below = os.path.relpath(os.path.abspath(file), glob.root).replace(os.sep, "/").split("/")
    except ValueError:  # another drive
        return False
    pattern = [step for step in glob.pattern.split("/") if step not in ("", ".")]
    if not pattern or below[0] == os.pardir:
        return False
    if "/" not in glob.pattern.rstrip("/"):
        pattern = [ANY_DEPTH, *pattern]
    return any(_fits(pattern, below[:end]) for end in range(1, len(below) + 1))


def _fits(pattern: Sequence[str], steps: Sequence[str]) -> bool:
    """Whether `pattern` takes all of `steps`: at a mismatch the last `**` takes one more, so time stays the product."""
    at = step = 0
    resume: tuple[int, int] | None = None
    while step < len(steps):
        if at < len(pattern) and pattern[at] == ANY_DEPTH:
            resume = (at + 1, step)
            at += 1
        elif at < len(pattern) and fnmatchcase(steps[step], pattern[at]):
            at, step = at + 1, step + 1
        elif resume:
            resume = (resume[0], resume[1] + 1)
            at, step = resume
        else:
            return False
    return all(each == ANY_DEPTH for each in pattern[at:])
