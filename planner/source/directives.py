"""Comments that direct: what is ignored where, which hardware is meant, which schema an editor should use."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from planner.source import lines
from planner.source.document import Directives, Ignore, Setting, SourceProblem, Span
from planner.source.limits import MAX_PROBLEMS

_COMMENT = re.compile(r"(?<!\S)#[ \t]*(?P<who>planner|yaml-language-server):[ \t]*(?P<what>[^\r\n]*)")
_IGNORE = re.compile(r"(?P<word>ignore|ignore-file)(?:[ \t]*\[(?P<rules>[^\]]*)\])?(?:[ \t]+(?P<reason>.*))?")
_RULE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_CODE = re.compile(r"[A-Z]{3}[0-9]{3}\b")
_HARDWARE = re.compile(r"hardware[ \t]*=[ \t]*(\S.*)")
_SCHEMA = re.compile(r"\$schema=(\S+)")
_MEANT = re.compile(r"(?:ignore|hardware)\b|[\w-]+[ \t]*(?:[\[=(]|$)")
"""What cannot be prose."""
_NOT_A_NODE = re.compile(r"\s*(?:#.*)?|---\s*(?:#.*)?|%.*")

_HELP = (
    "write `# planner: ignore[RULE] reason`, `# planner: ignore-file[RULE] reason` or `# planner: hardware=H100-80GB:8`"
)


class _Comment:
    """A comment with a directive, and where it stands."""

    __slots__ = ("at", "line", "text", "what", "what_at")

    def __init__(self, text: str, match: re.Match[str]) -> None:
        self.text = text
        self.at = match.start()
        self.what = match["what"].rstrip()
        self.what_at = match.start("what")
        self.line = lines.place(text, self.at)[0]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Of a part of what it says; `start` and `end` count from there."""
        end = len(self.what) if end is None else end
        return Span(*lines.span(self.text, self.what_at + start, self.what_at + end))

    def whole(self) -> Span:
        return Span(*lines.span(self.text, self.at, self.what_at + len(self.what)))


class _Nodes:
    """Lines that hold a value or key, asked for in order."""

    __slots__ = ("last", "next", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.next = 0
        self.last = len(lines.starts(text))

    def after(self, line: int) -> int:
        """The first such line below `line`; `line` itself if there is none."""
        if self.next <= line:
            self.next = line + 1
            while self.next <= self.last and _NOT_A_NODE.fullmatch(lines.line(self.text, self.next)):
                self.next += 1
        return self.next if self.next <= self.last else line


def scan(text: str, quoted: Iterable[tuple[int, int]]) -> tuple[Directives, tuple[SourceProblem, ...]]:
    """The directives of a file, and what is wrong with others. `quoted` are its scalars in quotes or block style."""
    ignores: list[Ignore] = []
    hardware: list[Setting] = []
    schema: list[Setting] = []
    problems: list[SourceProblem] = []
    nodes = _Nodes(text)
    for match in _comments(text, sorted(quoted)):
        comment = _Comment(text, match)
        if match["who"] != "planner":
            schema += _setting(comment, _SCHEMA)
            continue
        ignore = _ignore(comment, nodes)
        stated = _setting(comment, _HARDWARE)
        if ignore is not None:
            ignores.append(ignore)
        elif stated:
            hardware += stated
        elif len(problems) < MAX_PROBLEMS and _MEANT.match(comment.what):
            problems.append(SourceProblem("IGN002", f"`{comment.what[:80]}` is no directive", comment.whole(), _HELP))
    return Directives(tuple(ignores), tuple(hardware), tuple(schema)), tuple(problems)


def _comments(text: str, quoted: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Comments that are none of a scalar's text. The header of a block scalar may have one."""
    at = 0
    while (match := _COMMENT.search(text, at)) is not None:
        at = match.start()
        i = bisect_right(quoted, (at, len(text))) - 1
        if i >= 0 and at < quoted[i][1] and not _in_header(text, quoted[i][0], at):
            at = max(quoted[i][1], at + 1)
        else:
            at = match.end()
            yield match


def _in_header(text: str, start: int, at: int) -> bool:
    """Whether `at` is on the line on which the block scalar at `start` begins."""
    head = text[start:at]
    return "\n" not in head and "\r" not in head and not {'"', "'"} & set(head)


def _setting(comment: _Comment, pattern: re.Pattern[str]) -> list[Setting]:
    found = pattern.match(comment.what) if pattern is _HARDWARE else pattern.search(comment.what)
    return [Setting(found[1], comment.span(*found.span(1)), comment.line)] if found else []


def _ignore(comment: _Comment, nodes: _Nodes) -> Ignore | None:
    """None if the comment is none or names its rules in a way that would silence more than was meant."""
    found = _IGNORE.fullmatch(comment.what)
    if found is None:
        return None
    reason = found["reason"] or ""
    names, spans = _rules(comment, found)
    if (found["rules"] is None and _CODE.match(reason)) or (found["rules"] is not None and not names):
        return None
    scope, line = _scope(comment, found["word"], nodes)
    return Ignore(names, scope, line, reason, comment.whole(), spans)


def _rules(comment: _Comment, found: re.Match[str]) -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Names of rules and their places; none where one of them cannot be a name."""
    names: list[str] = []
    spans: list[Span] = []
    at = found.start("rules")
    for part in (found["rules"] or "").split(","):
        name = part.strip()
        if not _RULE.fullmatch(name):
            return (), ()
        start = at + part.index(name)
        names.append(name)
        spans.append(comment.span(start, start + len(name)))
        at += len(part) + 1
    return tuple(names), tuple(spans)


def _scope(comment: _Comment, word: str, nodes: _Nodes) -> tuple[str, int]:
    if word == "ignore-file":
        return "file", comment.line
    if not lines.line(comment.text, comment.line).lstrip().startswith("#"):
        return "line", comment.line
    return "next-line", nodes.after(comment.line)
