"""Comments that silence findings: `# planner: ignore[FIT001] reason`, and what to say of those that silence nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.source.document import Ignore, Source

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
    """Of the comment."""


def apply(findings: Iterable[Finding], source: Source) -> tuple[list[Finding], list[Silenced]]:
    """`findings` that no comment silences, with one for each comment in `source` that silences none; and the others.

    A finding in another file, which holds a section of the config, is silenced by the comments there.
    """
    comments = {source.file: source.directives.ignores}
    said: list[Finding] = []
    silenced: list[Silenced] = []
    used: set[Ignore] = set()
    for finding in findings:
        if finding.file not in comments:
            comments[finding.file] = _ignores(finding.file)
        hits = [ignore for ignore in comments[finding.file] if _covers(ignore, finding)]
        if finding.file == source.file:
            used.update(hits)
        if hits:
            silenced += (Silenced(finding, COMMENT, ignore.reason, ignore.span.line) for ignore in hits)
        else:
            said.append(finding)
    for ignore in source.directives.ignores:
        said += _leftover(ignore, ignore in used, source.file)
    return said, silenced


def _ignores(file: str) -> tuple[Ignore, ...]:
    from planner.source import read

    source = read(file)
    return source.directives.ignores if source else ()


def used_after_all(findings: Iterable[Finding], silenced: Iterable[Silenced]) -> set[Finding]:
    """Those of `findings` that call a comment unused which a finding of another config was silenced by."""
    used = {(each.finding.file, each.line) for each in silenced}
    return {each for each in findings if each.rule == "IGN001" and (each.file, each.line) in used}


def _covers(ignore: Ignore, finding: Finding) -> bool:
    if finding.rule in UNSILENCEABLE:
        return False
    if ignore.scope != "file" and ignore.line != finding.line:
        return False
    return not ignore.rules or any(
        name.upper() == finding.rule or name.lower() == finding.name for name in ignore.rules
    )


def _leftover(ignore: Ignore, used: bool, file: str) -> Iterator[Finding]:
    from planner import rules
    from planner.finding import Finding

    def finding(code: str, message: str, help: str) -> Finding:
        rule = rules.get(code)
        return Finding(file, *ignore.span, rule.code, rule.name, rule.level, "", message, help)

    unknown = [name for name in ignore.rules if rules.find(name) is None]
    if unknown:
        yield finding("IGN002", f"no rule is called {', '.join(unknown)}", "`planner rules` lists them")
    elif not used:
        what = ", ".join(ignore.rules) or "anything"
        yield finding("IGN001", f"this comment silences nothing: no finding of {what} here", "remove it")
