"""Builds documents from what a parser meets, within limits and without recursion. Knows no syntax."""

from __future__ import annotations

from typing import Any

from planner.source.document import BLOCK, Document, Path
from planner.source.frames import ITEM, MERGE, Anchor, Frame, merge
from planner.source.limits import MAX_DEPTH, MAX_NODES
from planner.source.problems import Problems
from planner.source.scalars import CORE, CORE_KINDS, STARTS, Scalar, UnusableError, resolve, tagged

MARKERS = ("planner:", "yaml-language-server:")
"""A text without them has no directives."""


class StopReading(Exception):  # noqa: N818
    """The document cannot be read on, and why is told. `offset` is where to look for the next one, None for nowhere."""

    def __init__(self, offset: int | None) -> None:
        super().__init__()
        self.offset = offset


class Tree:
    """The documents of one file, as they grow. Offsets count characters of `text`."""

    __slots__ = (
        "_anchors", "_frames", "_nodes", "_places", "_start", "_tags", "_top",
        "documents", "file", "index", "problems", "quoted", "starts", "text",
    )  # fmt: skip

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.documents: list[Document] = []
        self.starts: list[int] = []
        """Where each document begins, with its `---` if it has one."""
        self.problems = Problems(text)
        self.quoted: list[tuple[int, int]] | None = [] if any(marker in text for marker in MARKERS) else None
        """Scalars in quotes or block style, where nothing is a directive; None for a text without directives."""
        self.index = -1
        self._nodes = 0
        self._start = 0
        self._reset()

    def _reset(self) -> None:
        self._anchors: dict[str, Anchor | None] = {}
        self._places: dict[int, Any] = {}
        self._tags: dict[Path, str] = {}
        self._top = Frame(False, 0, True, None, 0)
        self._frames = [self._top]

    def begin_document(self, start: int) -> None:
        """A document begins; what is left of one before it is broken."""
        self.index += 1
        self._start = start
        self._reset()

    def end_document(self) -> None:
        """The document is complete; one without content counts and is left out."""
        root = self._frames[0]
        if root.value and not (root.value[0] is None and root.places[0][2] == root.places[0][3]):
            data, place = root.value[0], root.places[0]
            self.documents.append(Document(self.file, self.index, data, self.text, place, self._places, self._tags))
            self.starts.append(self._start)

    def scalar(self, text: str, start: int, end: int, style: str | None, anchor: str | None, tag: str | None) -> None:
        """A key or value; `style` is empty for a plain one. Met most often, so it spells out what it could call."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._count(0, start)
        if self.quoted is not None and style:
            self.quoted.append((start, end))
        top = self._top
        key = top.key
        value: Any = text
        if key is None:
            top.key = MERGE if text == "<<" and not style and tag is None else text
            top.key_start, top.key_end = start, end
        else:
            if tag is not None:
                value = self._tagged(text, start, end, style, tag)
            elif not style and text[:1] in STARTS:
                try:
                    value = resolve(text)
                except UnusableError as reason:
                    self.problems.unusable(text, str(reason), start, end)
            if key is ITEM or key in top.places:
                self._add(value, start, end)
            else:
                top.value[key] = value
                top.places[key] = (top.key_start, top.key_end, start, end)
                top.key = None
        if anchor is not None:
            self._anchors[anchor] = Anchor(value, 1, text)

    def alias(self, name: str, start: int, end: int) -> None:
        """`*name`: the value that `&name` marked, at the cost of all its nodes."""
        anchor = self._anchors.get(name)
        if anchor is None:
            tell = self.problems.recursive_alias if name in self._anchors else self.problems.unknown_alias
            tell(name, start, end)
            anchor = Anchor({} if self._top.key is MERGE else f"*{name}", 1, f"*{name}")
        self._count(anchor.nodes, start)
        if self._top.key is not None:
            self._add(anchor.value, start, end)
        elif anchor.written is not None:
            self._key(anchor.written, start, end)
        else:
            self._odd_key(start, end)

    def open(self, mapping: bool, start: int, flow: bool, anchor: str | None = None, tag: str | None = None) -> None:
        """A mapping or a sequence begins."""
        if len(self._frames) > MAX_DEPTH:
            self.problems.too_deep(start)
            raise StopReading(start)
        if anchor is not None:
            self._anchors[anchor] = None
        if tag is not None:
            self._note(tag)
        self._top = Frame(mapping, start, flow, anchor, self._nodes)
        self._frames.append(self._top)
        self._count(1, start)

    def close(self, end: int) -> None:
        """The mapping or sequence that was opened last ends."""
        done = self._frames.pop()
        self._top = self._frames[-1]
        if done.key is None and MERGE in done.places:
            merge(done, self._places, self.problems)
        self._places[id(done.value)] = done.places
        value = done.value if done.odd_key is None else self._odd_value(done, *done.odd_key, end)
        if self._top.key is not None:
            self._add(value, done.start, end if done.flow else BLOCK)
        elif isinstance(value, str):
            self._key(value, done.start, end)
        else:
            self._odd_key(done.start, end)
        if done.anchor is not None:
            self._anchors[done.anchor] = Anchor(value, self._nodes - done.before, None)

    def _count(self, nodes: int, offset: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self.problems.too_many(offset)
            raise StopReading(None)

    def _key(self, key: str, start: int, end: int) -> None:
        top = self._top
        top.key, top.key_start, top.key_end = key, start, end

    def _add(self, value: Any, start: int, end: int) -> None:
        top = self._top
        key = top.key
        if key is ITEM:
            top.value.append(value)
            top.places.append((-1, -1, start, end))
            return
        if key is MERGE and MERGE in top.places:
            top.merges.append(top.value[MERGE])
        elif key in top.places:
            self.problems.repeated_key(key, top.places[key], top.key_start, top.key_end)
        top.value[key] = value
        top.places[key] = (top.key_start, top.key_end, start, end)
        top.key = None

    def _tagged(self, text: str, start: int, end: int, style: str | None, tag: str) -> Scalar:
        self._note(tag)
        try:
            return tagged(text, tag, not style)
        except UnusableError as reason:
            self.problems.unusable(text, str(reason), start, end)
            return text

    def _note(self, tag: str) -> None:
        """Remember a tag that YAML's core does not have, under the path of the value that comes next."""
        if tag == "!" or (tag.startswith(CORE) and tag[len(CORE) :] in CORE_KINDS):
            return
        steps = [len(frame.value) if frame.key is ITEM else frame.key for frame in self._frames[1:]]
        if all(isinstance(step, (str, int)) for step in steps):
            self._tags[tuple(steps)] = "!!" + tag[len(CORE) :] if tag.startswith(CORE) else tag

    def _odd_key(self, start: int, end: int) -> None:
        """A key that is a mapping or a sequence: kept as it is written."""
        self._top.odd_key = start, max(start, end)
        self._key(self.text[start : max(start, end)].strip(), start, max(start, end))

    def _odd_value(self, done: Frame, start: int, end: int, close: int) -> Any:
        """`{{ NAME }}` is a placeholder, text that will be replaced; any other mapping is as bad as its key."""
        written = self.text[done.start : close]
        if done.flow and written.startswith("{{") and written.endswith("}}"):
            return written
        self.problems.odd_key(start, end)
        return done.value
