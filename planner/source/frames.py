"""Mappings and sequences that are being read, and the merge of mappings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.record import NamedTuple
from planner.source.problems import Problems

MERGE = object()
"""The key `<<`, which no text can be mistaken for."""
ITEM = object()
"""What stands for the key in a sequence."""


class Anchor(NamedTuple):
    """What an anchor stands for."""

    value: Any
    nodes: int
    written: str | None
    """The scalar as written; None for a mapping or a sequence."""


class Frame:
    """A mapping or a sequence that is being read."""

    __slots__ = (
        "anchor",
        "before",
        "flow",
        "key",
        "key_end",
        "key_start",
        "merges",
        "odd_key",
        "places",
        "start",
        "value",
    )

    def __init__(self, mapping: bool, start: int, flow: bool, anchor: str | None, before: int) -> None:
        self.value: Any = {} if mapping else []
        self.places: Any = {} if mapping else []
        """`Place` of each member."""
        self.key: Any = None if mapping else ITEM
        """Of the value that comes next; None in a mapping that expects one."""
        self.key_start = self.key_end = -1
        self.start = start
        self.flow = flow
        self.anchor = anchor
        self.before = before
        """Nodes that were met before it."""
        self.merges: list[Any] = []
        """What earlier `<<` of the same mapping name."""
        self.odd_key: tuple[int, int] | None = None
        """Place of a key that is no scalar."""


def merge(frame: Frame, places: Mapping[int, Any], problems: Problems) -> None:
    """Take in what `<<` names: its own keys win, then those of the last `<<`; in a list those of what is named first.

    `places` are those of the members of each finished mapping, by its `id`.
    """
    place = frame.places.pop(MERGE)
    for source in (frame.value.pop(MERGE), *reversed(frame.merges)):
        for mapping in source if isinstance(source, list) else [source]:
            if not isinstance(mapping, dict):
                problems.odd_merge(place[2], max(place[2:]))
                continue
            its_places = places.get(id(mapping), {})
            for key in mapping:
                if key not in frame.places:
                    frame.value[key], frame.places[key] = mapping[key], its_places[key]
