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


def apply(findings: Iterable[Finding], source: Source) -> tuple[list[Finding], list[Silenced]]:
    """`findings` that no comment in `source` silences, with one for each comment that silences none; and the others."""
    ignores = source.directives.ignores
    if not ignores:
        return list(findings), []
    used: set[int] = set()
    said: list[Finding] = []
    silenced: list[Silenced] = []
    for finding in findings:
        hits = [i for i, ignore in enumerate(ignores) if _covers(ignore, finding, source.file)]
        used.update(hits)
        if hits:
            silenced.append(Silenced(finding, COMMENT, ignores[hits[0]].reason))
        else:
            said.append(finding)
    for i, ignore in enumerate(ignores):
        said += _leftover(ignore, i in used, source.file)
    return said, silenced


def _covers(ignore: Ignore, finding: Finding, file: str) -> bool:
    if finding.rule in UNSILENCEABLE or finding.file != file:
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
