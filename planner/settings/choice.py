"""Which findings are wanted, and at what level."""

from __future__ import annotations

from collections.abc import Sequence

from planner.finding import Finding
from planner.settings import Settings
from planner.settings.globs import any_matches
from planner.settings.reading import LEVEL_OFF
from planner.suppression import UNREADABLE


def selected(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether the rule `code` is applied: the longer of the matching prefixes decides, `ignore` between equals.

    Without `select` every rule is selected, more loosely than by any prefix (flake8's decision engine).
    """
    return _longest(code, select or ("",)) > _longest(code, ignore)


def level(code: str, levels: Sequence[tuple[str, str]]) -> str | None:
    """What `levels` say of `code`: the longest prefix, the last among equals; None if none matches."""
    matching = [(len(prefix), index) for index, (prefix, _) in enumerate(levels) if code.startswith(prefix)]
    return levels[max(matching)[1]][1] if matching else None


def _longest(code: str, prefixes: Sequence[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


def at_level(finding: Finding, settings: Settings) -> Finding | None:
    """`finding` at the level that `settings` give its rule; None if they do not ask for it."""
    code, select = finding.rule, (*(settings.select or ("",)), *settings.extend_select)
    to_be = level(code, settings.levels)
    if code not in UNREADABLE and (
        to_be == LEVEL_OFF or not selected(code, select, settings.ignore) or _ignored_here(finding, settings)
    ):
        return None
    return finding._replace(level=to_be) if to_be and to_be != LEVEL_OFF else finding


def _ignored_here(finding: Finding, settings: Settings) -> bool:
    return any(
        any_matches((glob,), finding.file)
        for glob, prefixes in settings.per_file_ignores
        if _longest(finding.rule, prefixes) >= 0
    )
