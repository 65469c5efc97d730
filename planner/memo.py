"""Remembers what was worked out for an object: the same model is planned for many files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])
MOST = 512
"""Answers that one function keeps."""


def by_identity(function: Function) -> Function:
    """`function`, answering from memory for the very same first argument. Neither it nor an answer may be changed.

    The other arguments are hashable. `functools.lru_cache` would hash all of a stack of layers each time.
    """
    kept: dict[tuple[object, ...], tuple[object, object]] = {}

    def remembered(subject: object, *others: object) -> object:
        key = (id(subject), *others)
        found = kept.get(key)
        if found is not None and found[0] is subject:
            return found[1]
        answer = function(subject, *others)
        if len(kept) >= MOST:
            kept.clear()
        kept[key] = (subject, answer)
        return answer

    remembered.__doc__, remembered.__name__ = function.__doc__, function.__name__
    remembered.__wrapped__ = function  # type: ignore[attr-defined]  # for inspect.signature
    return remembered  # type: ignore[return-value]
