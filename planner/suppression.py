"""Comments that silence findings: `# planner: ignore[FIT001] reason`, and what to say of those that silence nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple

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
    comments = {source.file: source.directives.ignores}
    said: list[Finding] = []
    silenced: list[Silenced] = []
    used: set[tuple[Ignore, str]] = set()
    for finding in findings:
        if finding.file not in comments:
            comments[finding.file] = _ignores(finding.file)
        hits = [(ignore, name) for ignore in comments[finding.file] for name in _names(ignore, finding)]
        if finding.file == source.file:
            used.update(hits)
        if hits:
            silenced += (_silenced(finding, *hit) for hit in hits)
        else:
            said.append(finding)
    for ignore in source.directives.ignores:
        said += _leftover(ignore, {name for each, name in used if each == ignore}, source.file)
    return said, silenced


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
    """What `ignore` calls the rule of `finding`, if it silences it; "" where it names no rules."""
    if finding.rule in UNSILENCEABLE or (ignore.scope != "file" and ignore.line != finding.line):
        return
    for name in ignore.rules or ("",):
        if not name or name.upper() == finding.rule or name.lower() == finding.name:
            yield name


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
