"""What mending changes, as a unified diff that `patch` and `git apply` take.

It repeats no secret and steers no terminal: the lines around a change end before one that cannot be shown as it is.
Where a line that changes cannot, stars stand for the secret in it, and the diff is for people alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.report import escape

if TYPE_CHECKING:
    from planner.report.style import Style

_SIGNS = {"-": "error", "+": "good"}


class Diff(NamedTuple):
    """A diff of one file."""

    lines: tuple[str, ...]
    whole: bool
    """Whether it can be applied: every line that changes is shown as it is."""


class _Row(NamedTuple):
    """A line of a hunk."""

    sign: str
    """Blank for one that stays, "-" or "+"."""
    old: int
    """How many lines of the old text come before it."""
    new: int
    shown: str
    """With its sign and without its end."""
    ends: bool
    """Whether it has one: the last line of a file may not."""
    true: bool
    """Whether it is shown as it is."""


def diff(file: str, before: str, after: str, style: Style) -> Diff:
    """The diff between two texts of `file`."""
    hunks = list(_hunks(before, after))
    name = escape.name(file)
    said = [style.paint("strong", f"{sign * 3} {name}") for sign in "-+"] if hunks else []
    for hunk in hunks:
        said.append(style.paint("dim", _head(hunk)))
        said += (_line(row, style) for row in hunk)
    return Diff(tuple(said), all(row.true for hunk in hunks for row in hunk))


def _hunks(before: str, after: str) -> Iterator[list[_Row]]:
    """The changes, each with the lines around it that are shown as they are."""
    from difflib import SequenceMatcher

    from planner.discretion import starred

    texts = before, after
    plain = [_lines(text) for text in texts]
    shown = [_lines(starred(text, *texts)) for text in texts]
    for group in SequenceMatcher(None, plain[0], plain[1]).get_grouped_opcodes():
        rows = [row for code in group for row in _rows(code, plain, shown)]
        for kept, hunk in groupby(rows, lambda row: row.sign != " " or row.true):
            found = list(hunk)
            if kept and any(row.sign != " " for row in found):
                yield found


def _rows(
    code: tuple[str, int, int, int, int], plain: Sequence[Sequence[str]], shown: Sequence[Sequence[str]]
) -> Iterator[_Row]:
    """The lines of one step from the old text to the new one."""
    kind, old, old_end, new, new_end = code
    if kind == "equal":
        for at in range(old_end - old):
            yield _row(" ", old + at, new + at, plain[0][old + at], shown[0][old + at])
        return
    for at in range(old, old_end):
        yield _row("-", at, new, plain[0][at], shown[0][at])
    for at in range(new, new_end):
        yield _row("+", old_end, at, plain[1][at], shown[1][at])


def _row(sign: str, old: int, new: int, plain: str, discreet: str) -> _Row:
    body = discreet.removesuffix("\n")
    bare = body.removesuffix("\r")
    printed = "\t".join(map(escape.text, bare.split("\t"))) + body[len(bare) :]
    (shown,) = escape.guarded([sign + printed])
    return _Row(sign, old, new, shown, plain.endswith("\n"), shown[1:] == plain.removesuffix("\n"))


def _head(hunk: Sequence[_Row]) -> str:
    """`@@ -3,7 +3,7 @@`: where the hunk starts, and how many lines of either text it has."""
    old, new = (sum(row.sign in signs for row in hunk) for signs in (" -", " +"))
    first = hunk[0]
    return f"@@ -{first.old + (old > 0)},{old} +{first.new + (new > 0)},{new} @@"


def _line(row: _Row, style: Style) -> str:
    sort = _SIGNS.get(row.sign)
    end = "" if row.ends else "\n\\ No newline at end of file"
    return f"{style.paint(sort, row.shown) if sort else row.shown}{end}"


def _lines(text: str) -> list[str]:
    """Lines with their ends, which are those that `patch` knows."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
