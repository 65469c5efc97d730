"""What to say of a syntax error: the parser's own words where it stands, and what would mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from planner.record import NamedTuple
from planner.source import lines

_HELP = (
    ("tab that cannot", "indent with spaces: YAML takes no tabs there"),
    ("cannot start any token", "quote the value"),
    (
        "mapping values are not allowed",
        "quote the value if the colon belongs to it, or put what follows on lines of its own",
    ),
    ("could not find expected ':'", "put a colon and a space after the key; quote a text that has several lines"),
    ("did not find expected key", "line it up with the keys above, and close what was opened before it"),
    ("did not find expected '-' indicator", "line it up with the items above"),
    ("did not find expected ',' or ']'", "put a comma between the items, or close the list with `]`"),
    ("did not find expected ',' or '}'", "put a comma between the keys, or close the mapping with `}`"),
    ("unexpected end of stream", "close the quote that was opened"),
    ("unexpected document indicator", "close the quote that was opened, or indent the `---`"),
    ("unknown escape character", "use single quotes, or write the backslash twice"),
    (
        "expected <document start>",
        "one document ends here: indent what belongs to it, or put `---` in front of the next",
    ),
    ("undefined tag handle", "quote the value, or define the handle with %TAG"),
    ("did not find expected hexdecimal number", "use single quotes, or write the backslash twice"),
    ("block end", "line it up with what it belongs to"),
    ("block sequence entries are not allowed", "put the items on lines of their own, below the key"),
    ("expected node content", "write a value here, or quote the text that begins with this character"),
)
"""Part of the parser's words, and the cure; the first that occurs counts."""
_MARK = "\ufeff"
_WORD = re.compile(r"[^\s,\[\]{}:]+|\S")
_TEMPLATE = re.compile(r"""^[^"'#\r\n]*?(\{[{%])""", re.MULTILINE)
_MARKER = re.compile(r"[^#]*?(\{[{%])")


class Explanation(NamedTuple):
    """A syntax error, in words, with offsets in the text."""

    message: str
    start: int
    end: int
    at: int
    """Where reading stopped, which may be nothing to see."""
    cure: str
    related: tuple[int, int, str] | None = None


def explain(error: Exception, text: str) -> Explanation:
    """What the YAML parser objects to in `text`."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    at = min(mark.index, len(text)) if mark is not None else 0
    start, end = _visible(text, at)
    problem = _words(getattr(error, "problem", None) or str(error))
    opening = getattr(error, "context_mark", None)
    if "end of stream" in problem and opening is not None:
        start, end = _visible(text, opening.index)
    if problem.startswith("found character that"):
        problem = problem.replace("character", "a tab" if text[at] == "\t" else f"the character `{text[at]}`", 1)
    cure = next((cure for part, cure in _HELP if part in problem), "")
    if "expected key" in problem and text[max(at - 1, 0) : at] in ("'", '"'):
        cure = "the quote before it ends the value: write a quote within single quotes twice"
    if "expected key" in problem and _MARK in text[max(at - 1, 0) : at + 1]:
        problem, cure = f"{problem} behind a byte order mark", "remove the mark, which may only begin a file"
    return Explanation(f"not valid YAML: {problem}", start, end, at, cure, _context(error, text, start))


def template_marker(text: str, broken: Iterable[int]) -> int | None:
    """Offset of the first `{{` or `{%` that says that a text which does not parse is a template.

    It stands outside of quotes, or on a line where the text is broken.
    """
    found = _TEMPLATE.search(text)
    if found is not None:
        return found.start(1)
    for number in broken:
        inside = _MARKER.match(lines.line(text, number))
        if inside is not None:
            return lines.starts(text)[number - 1] + inside.start(1)
    return None


def _visible(text: str, offset: int) -> tuple[int, int]:
    """The word at `offset`, or the last one before it where there is nothing to see."""
    found = _WORD.match(text, offset)
    if found is not None:
        return found.span()
    if offset < len(text) and text[offset] not in "\r\n":
        return offset, offset + 1
    end = len(text[:offset].rstrip())
    return max(end - 1, 0), end


def _words(problem: str) -> str:
    """The parser's words without its marks."""
    return " ".join(problem.split("\n", 1)[0].split()).replace("hexdecimal", "hexadecimal")[:200]


def _context(error: Any, text: str, start: int) -> tuple[int, int, str] | None:
    """Where what the parser was reading began, if that is on another line."""
    mark, context = getattr(error, "context_mark", None), getattr(error, "context", None)
    if mark is None or not context or getattr(error, "problem_mark", None) is None:
        return None
    place = _visible(text, mark.index)
    if lines.place(text, place[0])[0] == lines.place(text, start)[0]:
        return None
    return (*place, _words(context))
