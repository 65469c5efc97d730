"""What is said of a document's values and size: where, what is wrong, what would mend it."""

from __future__ import annotations

from planner.source import lines
from planner.source.document import Place, SourceProblem, Span
from planner.source.limits import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS

SHOWN = 40
"""Characters of a key or value in a message."""


class Problems:
    """The problems of one file, in the order in which they are met. Offsets count characters of `text`."""

    __slots__ = ("found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[SourceProblem] = []

    def add(
        self,
        rule: str,
        message: str,
        start: int,
        end: int,
        cure: str = "",
        fatal: bool = False,
        related: tuple[int, int, str] | None = None,
    ) -> None:
        """A problem at a stretch of the text, with one related place at most. Past the limit only fatal ones count."""
        if len(self.found) < MAX_PROBLEMS or fatal:
            others = ((Span(*lines.span(self.text, *related[:2])), related[2]),) if related else ()
            span = Span(*lines.span(self.text, start, end))
            self.found.append(SourceProblem(rule, message, span, cure, fatal, others))

    def too_deep(self, start: int) -> None:
        """A mapping or sequence within too many others begins."""
        message = f"more than {MAX_DEPTH} levels of mappings and sequences; the rest of the document is not read"
        self.add("CFG003", message, start, start + 1, "flatten it, or exclude the file", fatal=True)

    def too_many(self, start: int) -> None:
        """One node more than is read."""
        message = f"more than {MAX_NODES:,} keys, values and items, those of aliases at each use; the rest is not read"
        self.add("CFG003", message, start, start + 1, "split the file, or exclude it", fatal=True)

    def unusable(self, text: str, reason: str, start: int, end: int) -> None:
        """A scalar that no config can mean."""
        self.add("CFG005", f"`{short(text)}` {reason}", start, end, "quote it if it is text")

    def unknown_alias(self, name: str, start: int, end: int) -> None:
        """An alias without an anchor."""
        message, cure = f"`*{name}` stands for no anchor above it", f"mark the value that is meant with `&{name}`"
        self.add("CFG005", message, start, end, cure)

    def recursive_alias(self, name: str, start: int, end: int) -> None:
        """An alias within what it stands for."""
        self.add("CFG005", f"`*{name}` stands within what it stands for", start, end, "write the value out")

    def repeated_key(self, key: str, first: Place, start: int, end: int) -> None:
        """A key that the mapping has already, at `first`."""
        message = f"`{short(key)}` stands twice in this mapping; what reads it keeps the last value"
        cure = f"remove one of the two (the first is on line {lines.place(self.text, first[0])[0]})"
        self.add("CFG004", message, start, end, cure, related=(first[0], first[1], "the first one"))

    def odd_key(self, start: int, end: int) -> None:
        """A key that is no scalar."""
        self.add("CFG005", "a key must be a scalar, not a mapping or a sequence", start, end, "quote it if it is text")

    def odd_merge(self, start: int, end: int) -> None:
        """`<<` with something else than mappings."""
        message, cure = "`<<` takes in mappings, and this is none", "name an anchor of a mapping: `<<: *defaults`"
        self.add("CFG005", message, start, end, cure)


def short(text: str) -> str:
    """At most `SHOWN` characters of `text`."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
