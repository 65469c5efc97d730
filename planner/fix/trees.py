"""Whether a text says the same as before in every place that no edit touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.fix.edits import Stretch
    from planner.source.document import Document, Path, Source


def same_elsewhere(before: Source, after: Source, changes: Sequence[Stretch]) -> bool:
    """Whether `after` can be read as well as `before` was, and differs only where `changes` touch a key or a value."""
    if len(before.documents) != len(after.documents) or _broken(after) > _broken(before):
        return False
    return all(
        old.index == new.index and _same(_Before(old, changes), (), old.data, new.data)
        for old, new in zip(before.documents, after.documents, strict=True)
    )


def _broken(source: Source) -> int:
    return sum(problem.fatal or problem.rule in ("CFG004", "CFG005") for problem in source.problems)


class _Before:
    """A document as it was, and the stretches of it that were replaced."""

    def __init__(self, document: Document, changes: Sequence[Stretch]) -> None:
        self._document = document
        self._changes = changes

    def touched(self, path: Path, on_key: bool = False) -> bool:
        """Whether an edit is within the value or key at `path`, which stands nowhere else."""
        place = self._document.stretch(path, on_key)
        if place is None or self._document.is_shared(path[:-1] if on_key else path):
            return False
        return any(place[0] <= start and end <= place[1] for start, end, _ in self._changes)


def _same(before: _Before, path: Path, old: object, new: object) -> bool:
    """Whether `old`, at `path`, and `new` are the same but for what the edits touch."""
    if isinstance(old, dict) and isinstance(new, dict):
        return len(old) == len(new) and all(
            (key == other or before.touched((*path, key), on_key=True))
            and _same(before, (*path, key), old[key], new[other])
            for key, other in zip(old, new, strict=True)
        )
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _same(before, (*path, index), *both) for index, both in enumerate(zip(old, new, strict=True))
        )
    if type(old) is type(new) and (old == new or old != old):
        return True
    return isinstance(old, (str, int)) and isinstance(new, (str, int)) and before.touched(path)
