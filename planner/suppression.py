"""Comments that silence findings: `# planner: ignore[FIT001] reason`, and what to say of those that silence nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.source.limits import MAX_PROBLEMS

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.source.document import Ignore, Source, Span

UNREADABLE = frozenset({"CFG001", "CFG002", "CFG003"})
"""A file that could not be read stays said, whatever settings, comments and baselines want."""
UNSILENCEABLE = UNREADABLE | {"IGN001", "IGN002", "IGN003"}
"""What comments and baselines do not silence: they do not hide that they do nothing."""
COMMENT, BASELINE, SETTINGS = "comment", "baseline", "settings"


class Silenced(NamedTuple):
    """A finding that is not reported, and who wanted that."""

    finding: Finding
    by: str
    """`COMMENT`, `BASELINE` or `SETTINGS`."""
    reason: str = ""
    """As the comment gives it."""
    line: int = 0
    column: int = 0
    """Of the comment."""
    name_column: int = 0
    """Of the name by which it calls the rule; the comment's own where it names none."""


def apply(findings: Iterable[Finding], source: Source) -> tuple[list[Finding], list[Silenced]]:
    """`findings` that no comment silences, with one for each comment in `source` that silences none; and the others.

    A finding in another file, which holds a section of the config, is silenced by the comments there.
    """
    comments = {source.file: _Comments(source.directives.ignores)}
    said: list[Finding] = []
    silenced: list[Silenced] = []
    used: dict[int, set[str]] = {}
    for finding in findings:
        if finding.file not in comments:
            comments[finding.file] = _Comments(_ignores(finding.file))
        of_file = comments[finding.file]
        hits = of_file.of(finding)
        for number, name in hits:
            silenced.append(_silenced(finding, of_file.ignores[number], name))
            if finding.file == source.file:
                used.setdefault(number, set()).add(name)
        if not hits:
            said.append(finding)
    said += islice(_leftovers(source, used), MAX_PROBLEMS)
    return said, silenced


class _Comments:
    """The comments of a file, by the line that they are for."""

    def __init__(self, ignores: Sequence[Ignore]) -> None:
        self.ignores = ignores
        self._by_line: dict[int, list[int]] = {}
        """Numbers of the comments for each line; those for all of the file under 0."""
        for number, ignore in enumerate(ignores):
            self._by_line.setdefault(0 if ignore.scope == "file" else ignore.line, []).append(number)
        self._known: dict[tuple[int, str], list[tuple[int, str]]] = {}

    def of(self, finding: Finding) -> list[tuple[int, str]]:
        """Number of each comment that silences `finding`, and what it calls its rule; as many as are of use."""
        if not self._by_line or finding.rule in UNSILENCEABLE:
            return []
        return [*self._naming(finding.line, finding), *self._naming(0, finding)][:MAX_PROBLEMS]

    def _naming(self, line: int, finding: Finding) -> list[tuple[int, str]]:
        if line not in self._by_line:
            return []
        key = line, finding.rule
        if key not in self._known:
            hits = ((number, name) for number in self._by_line[line] for name in _names(self.ignores[number], finding))
            self._known[key] = list(islice(hits, MAX_PROBLEMS))
        return self._known[key]


def _silenced(finding: Finding, ignore: Ignore, name: str) -> Silenced:
    of_name = ignore.rule_spans[ignore.rules.index(name)] if name else ignore.span
    return Silenced(finding, COMMENT, ignore.reason, ignore.span.line, ignore.span.column, of_name.column)


def _ignores(file: str) -> tuple[Ignore, ...]:
    from planner.source import read

    source = read(file)
    return source.directives.ignores if source else ()


def used_after_all(findings: Iterable[Finding], silenced: Iterable[Silenced]) -> set[Finding]:
    """Those of `findings` that call a comment, or a name in it, unused which silenced a finding of another config."""
    used = {(each.finding.file, each.line, column) for each in silenced for column in (each.column, each.name_column)}
    return {each for each in findings if each.rule == "IGN001" and each[:3] in used}


def _names(ignore: Ignore, finding: Finding) -> Iterator[str]:
    """What `ignore` calls the rule of `finding`, if it does; "" where it names no rules."""
    for name in ignore.rules or ("",):
        if not name or name.upper() == finding.rule or name.lower() == finding.name:
            yield name


def _leftovers(source: Source, used: Mapping[int, set[str]]) -> Iterator[Finding]:
    """What there is to say of the comments in `source`; `used` are the names in each that silenced something."""
    for number, ignore in enumerate(source.directives.ignores):
        yield from _leftover(ignore, used.get(number, set()), source.file)


def _leftover(ignore: Ignore, used: set[str], file: str) -> Iterator[Finding]:
    """What there is to say of the names in a comment that silenced nothing by those that are not `used`."""
    from planner import rules
    from planner.finding import Finding

    def finding(code: str, span: Span, message: str, help: str) -> Finding:
        rule = rules.get(code)
        return Finding(file, *span, rule.code, rule.name, rule.level, "", message, help)

    idle = []
    for name, span in zip(ignore.rules, ignore.rule_spans, strict=True):
        if rules.find(name) is None:
            close = rules.close(name)
            help = f"did you mean {' or '.join(close)}?" if close else "`planner rules` lists them"
            yield finding("IGN002", span, f"no rule is called {name}", help)
        elif name not in used:
            idle.append((name, span))
    if not used and len(idle) == len(ignore.rules):
        what = ", ".join(ignore.rules) or "anything"
        yield finding("IGN001", ignore.span, f"this comment silences nothing: no finding of {what} here", "remove it")
        return
    for name, span in idle:
        yield finding("IGN001", span, f"this comment silences no finding of {name} here", f"take {name} out of it")
