"""Remembers what was worked out for an object: the same model is planned for many files."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])
Plain = TypeVar("Plain")
Key = TypeVar("Key")
Kept = TypeVar("Kept")
MOST = 1024
"""Answers that one function keeps; the oldest make room."""
LONGEST = 1 << 14
"""Characters of a value that is looked for among those met before."""
SCALARS = frozenset({str, int, float, bool, type(None)})
SHORT = 100
"""Characters of a text for which answers are kept."""

Subject = TypeVar("Subject")
Answer = TypeVar("Answer")
_met: dict[str, object] = {}


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
        _keep(kept, key, (subject, answer))
        return answer

    return _named(remembered, function)


def by_both(function: Function) -> Function:
    """`by_identity`, for the very same first two arguments."""
    kept: dict[tuple[object, ...], tuple[object, object, object]] = {}

    def remembered(subject: object, second: object, *others: object) -> object:
        key = (id(subject), id(second), *others)
        found = kept.get(key)
        if found is not None and found[0] is subject and found[1] is second:
            return found[2]
        answer = function(subject, second, *others)
        _keep(kept, key, (subject, second, answer))
        return answer

    return _named(remembered, function)


def _named(remembered: Callable[..., object], function: Function) -> Function:
    """`remembered` as `function` for people and for inspect.signature."""
    remembered.__doc__, remembered.__name__ = function.__doc__, function.__name__
    remembered.__wrapped__ = function  # type: ignore[attr-defined]
    return remembered  # type: ignore[return-value]


def same(value: Plain) -> Plain:
    """The first that was met of all plain values (mappings, lists, scalars) that are written as `value` is.

    What `by_identity` keeps for one file's model is found for that of another. None of them may be changed.
    """
    key = repr(value)
    if len(key) > LONGEST:
        return value
    found = _met.get(key)
    if found is None:
        _keep(_met, key, value)
        return value
    return cast("Plain", found)


def _keep(kept: dict[Key, Kept], key: Key, value: Kept) -> None:
    if len(kept) >= MOST:
        del kept[next(iter(kept))]
    kept[key] = value


def by_scalar(function: Callable[[Subject, object], Answer]) -> Callable[[Subject, object], Answer]:
    """`function`, answering from memory where its second argument is a scalar. 1, 1.0 and true are three of them.

    What keys of a config hold is drawn from few words and numbers. The first argument is hashable.
    """
    known = lru_cache(maxsize=MOST, typed=True)(function)

    def remembered(subject: Subject, value: object) -> Answer:
        kind = value.__class__
        if kind in SCALARS and (kind is not str or len(value) <= SHORT):  # type: ignore[arg-type]
            return known(subject, value)
        return function(subject, value)

    return remembered
