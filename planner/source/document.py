"""What reading a file yields: documents of plain values, and the place of each value in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from planner.record import NamedTuple
from planner.source import lines

Path = tuple[str | int, ...]
"""Keys and indices from a document's root to a value: ("deployment", "hardware", "count")."""

Place = tuple[int, int, int, int]
"""Offsets of a node in the text: start and end of its key (−1 in a sequence), start and end of its value. The end of a
mapping or sequence in block style is `BLOCK`: no character closes it."""

BLOCK = -1
_PROPERTIES = r"(?:[&!][^\s,\[\]{}]*(?:\s+(?:#[^\r\n]*\s+)*|(?=[,\[\]{}])|\Z))+"
"""Anchors and tags in front of a value. Compiled where a place is asked for: most files need none."""
_KEY = r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^\s:]|:(?=\S)|[ \t]+(?![\s:#]))+"""
"""A key in block style, up to its colon."""


class Span(NamedTuple):
    """A stretch of text as an editor shows it: lines and columns from 1, the end exclusive. LF, CR, CRLF end a line."""

    line: int
    column: int
    end_line: int
    end_column: int


class SourceProblem(NamedTuple):
    """Something wrong with a file or one of its documents, whatever it means."""

    rule: str
    """Code of the rule that documents it: CFG001 to CFG005, IGN002."""
    message: str
    span: Span
    help: str = ""
    fatal: bool = False
    """The file, or a document of it, could not be read."""
    related: tuple[tuple[Span, str], ...] = ()
    """Other places that take part, each with a short label."""


class Ignore(NamedTuple):
    """A comment that silences findings."""

    rules: tuple[str, ...]
    """Codes or names as written; empty for all rules."""
    scope: str
    """line, next-line or file."""
    line: int
    """The line it applies to; its own where the scope is the file."""
    reason: str
    span: Span
    """Of the comment."""
    rule_spans: tuple[Span, ...] = ()


class Setting(NamedTuple):
    """A comment that states something: `# planner: hardware=H100-80GB:8`."""

    value: str
    span: Span
    """Of the value."""
    line: int


class Directives(NamedTuple):
    """What the comments of a file say to planner and its editor."""

    ignores: tuple[Ignore, ...] = ()
    hardware: tuple[Setting, ...] = ()
    schema: tuple[Setting, ...] = ()
    """`$schema=` of `# yaml-language-server:` comments."""


class Document:
    """One document of a file: its values, and where each of them stands."""

    __slots__ = ("_places", "_root", "_text", "data", "file", "index", "schema", "tagged")

    def __init__(
        self,
        file: str,
        index: int = 0,
        data: Any = None,
        text: str = "",
        root: Place = (-1, -1, 0, 0),
        places: Mapping[int, Mapping[str, Place] | Sequence[Place]] | None = None,
        tagged: Mapping[Path, str] | None = None,
    ) -> None:
        """`root` is the place of `data`, `places` those of the members of each mapping and sequence, by its `id`."""
        self.file = file
        self.index = index
        """From 0 in the file; documents without content count."""
        self.data = data
        """dict, list, str, int, float, bool or None; keys are strings as written. Not to be changed."""
        self.tagged: Mapping[Path, str] = tagged or {}
        """Tags that YAML's core does not have, by the path of their value: {("data",): "!include"}."""
        self.schema: str | None = None
        """Schema that a `# yaml-language-server: $schema=` comment above or in the document names."""
        self._text = text
        self._root = root
        self._places = places or {}

    def __repr__(self) -> str:
        return f"Document({self.file!r}, {self.index})"

    @property
    def text(self) -> str:
        """The text of the file, to which offsets refer."""
        return self._text

    @property
    def line(self) -> int:
        """Line of the first value or key."""
        return self.span(()).line

    def span(self, path: Path, on_key: bool = False) -> Span:
        """Where the value at `path` stands, as written with its quotes, or the part of `path` that exists.

        A value without a text of its own (nothing after the colon, a mapping or sequence in block style) stands at its
        key, in a sequence at its first key or item. `on_key` asks for the key of any value.
        """
        start, end = self._stretch(*self._find(path), on_key)
        return Span(*lines.span(self._text, start, end))

    def stretch(self, path: Path, on_key: bool = False) -> tuple[int, int] | None:
        """Offsets of exactly that value, or of its key, in the text; None where it has no text of its own."""
        place, value, left = self._find(path)
        if left or (on_key and place[0] < 0) or (not on_key and _is_block(place, value)):
            return None
        return self._bare(place[0], place[1]) if on_key else self._value(place)

    def is_shared(self, path: Path) -> bool:
        """Whether the value at `path`, or what holds it, stands elsewhere too: aliases, anchors, merges."""
        place, value = self._root, self.data
        for step in path:
            found = _member(self._members(value), step)
            if found is None or found[2] < place[2] or self._text[found[2] : found[2] + 1] in ("*", "&"):
                return True
            place, value = found, value[step]
        return False

    def written(self, path: Path) -> str | None:
        """What stands at `path` as it is written: 0.20, not 0.2. None for a mapping or sequence in block style."""
        place, value, left = self._find(path)
        if left or _is_block(place, value):
            return None
        start, end = self._value(place)
        return self._text[start:end]

    def _find(self, path: Path) -> tuple[Place, Any, int]:
        """Place and value of the longest existing prefix of `path`, and how many steps are left."""
        place, value = self._root, self.data
        for i, step in enumerate(path):
            found = _member(self._members(value), step)
            if found is None:
                return place, value, len(path) - i
            place, value = found, value[step]
        return place, value, 0

    def _members(self, value: Any) -> Mapping[str, Place] | Sequence[Place]:
        return self._places.get(id(value), ()) if isinstance(value, (dict, list)) else ()

    def _stretch(self, place: Place, value: Any, left: int, on_key: bool) -> tuple[int, int]:
        while True:
            start, end = self._value(place)
            if place[0] >= 0 and (on_key or start >= end):
                return self._bare(place[0], place[1])
            members = self._members(value)
            if not _is_block(place, value) or not members:
                return start, max(start, end)
            if isinstance(members, Mapping):
                return self._first_word(place[2])
            place, value, on_key = members[0], value[0], True

    def _first_word(self, start: int) -> tuple[int, int]:
        """The key with which a mapping in block style begins, whatever became of it."""
        properties = re.compile(_PROPERTIES).match(self._text, start)
        key = re.compile(_KEY, re.DOTALL).match(self._text, properties.end() if properties else start)
        return key.span() if key else (start, start)

    def _value(self, place: Place) -> tuple[int, int]:
        return self._bare(place[2], place[3])

    def _bare(self, start: int, end: int) -> tuple[int, int]:
        """Without anchors and tags in front and the line breaks that end a block scalar."""
        text = self._text
        if start < end and text[start] in "&!":
            found = re.compile(_PROPERTIES).match(text, start, end)
            start = found.end() if found else start
        while start < end and text[end - 1] in " \t\r\n":
            end -= 1
        return start, end


def _member(members: Mapping[str, Place] | Sequence[Place], step: str | int) -> Place | None:
    if isinstance(members, Mapping):
        return members.get(step) if isinstance(step, str) else None
    return members[step] if isinstance(step, int) and 0 <= step < len(members) else None


def _is_block(place: Place, value: Any) -> bool:
    return place[3] == BLOCK and isinstance(value, (dict, list))


class Source(NamedTuple):
    """A file that was read, well or badly."""

    file: str
    text: str = ""
    """Decoded, without a byte order mark; empty for a file that could not be read."""
    documents: tuple[Document, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    directives: Directives = Directives()
    template: bool = False
    """It could not be parsed because it is a template that something else renders into YAML."""

    def line(self, number: int) -> str:
        """Text of a line, counted from 1, without its end; empty if there is none."""
        return lines.line(self.text, number)
