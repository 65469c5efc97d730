"""What one start-up says, line by line, before it is made into a `Measured`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.verify.facts import Fact
    from planner.verify.measured import Measured

MOST_RANKS = 4096
PREFIX = 200
"""Characters at the beginning of a line in which it says who speaks."""
_RANK = re.compile(r"\(\w{1,40}(?: [\w=]{1,20})? pid=(\d{1,10})|\b(TP\d{1,4})\b|\[rank(\d{1,5})\]|\[gpu_id=(\d{1,4})\]")


class Kind(NamedTuple):
    """A kind of log."""

    name: str
    facts: tuple[Fact, ...]
    figures: frozenset[str]
    """Fields that a start-up has not got while it is still at its first lines."""
    measured: Callable[[Start], Measured]
    """Makes what was collected into a record; one without figures where the lines are not of this kind."""


class Said(NamedTuple):
    """A value and the line that says it."""

    value: object
    line: int
    rank: str


class Start:
    """What one start-up says: every value in the order of the log, with who said it."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.said: dict[str, list[Said]] = {}

    def add(self, field: str, value: object, line: int, rank: str) -> None:
        """Keep a value; beyond `MOST_RANKS` of a field the newest replace the last."""
        kept = self.said.setdefault(field, [])
        if len(kept) >= MOST_RANKS:
            kept.pop()
        kept.append(Said(value, line, rank))

    def last(self, field: str) -> object | None:
        """The value said last."""
        kept = self.said.get(field)
        return kept[-1].value if kept else None

    def text(self, field: str) -> str | None:
        """The same where it is a text."""
        value = self.last(field)
        return value if isinstance(value, str) else None

    def number(self, field: str) -> float | None:
        """The same where it is a number."""
        value = self.last(field)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def most(self, field: str, keep: str = "last") -> int | None:
        """The largest over all ranks, of each its `first` or `last` value, or the `sum` of its values."""
        return max(self._by_rank(field, keep), default=None)

    def least(self, field: str) -> int | None:
        """The smallest of the ranks' last values."""
        return min(self._by_rank(field, "last"), default=None)

    def ranks(self, field: str) -> int:
        """How many have said it."""
        return len({each.rank for each in self.said.get(field, ())})

    def places(self, fields: Iterable[str]) -> dict[str, int]:
        """The line that says each of `fields` last."""
        return {field: self.said[field][-1].line for field in fields if field in self.said}

    def _by_rank(self, field: str, keep: str) -> Iterable[int]:
        found: dict[str, int] = {}
        for each in self.said.get(field, ()):
            if not isinstance(each.value, int) or (keep == "first" and each.rank in found):
                continue
            found[each.rank] = each.value + (found.get(each.rank, 0) if keep == "sum" else 0)
        return found.values()


def speaker(line: str) -> str:
    """Which process or device a line is from: a process id, TP1, a rank; empty where it does not say."""
    match = _RANK.search(line[:PREFIX])
    return next((group for group in match.groups() if group), "") if match else ""


def values(fact: Fact, line: str) -> Iterator[tuple[str, object, str]]:
    """(field, value, rank) of what `line` says in the words of `fact`."""
    match = re.search(fact.pattern, line)
    if match is None:
        return
    groups = match.groupdict()
    rank = groups.get("device") or speaker(line)
    for field, read in fact.values.items():
        text = groups.get(field, match[0])
        value = read(text) if text is not None else None
        if value is not None:
            yield field, value, rank
