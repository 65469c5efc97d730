"""The codes, names and prefixes by which settings call rules."""

from __future__ import annotations

from collections.abc import Iterable

from planner.settings import SettingsError

ALL = "ALL"


def prefixes(names: Iterable[str], where: str, *, silences: bool = False) -> tuple[str, ...]:
    """Codes and prefixes of codes for `names`; "" for ALL. Raises SettingsError for a name that no rule has.

    With `silences`, also for a rule that cannot be silenced.
    """
    return tuple(_prefix(name, where, silences) for name in names)


def _prefix(name: str, where: str, silences: bool) -> str:
    from planner import rules
    from planner.suppression import UNREADABLE

    upper = name.upper()
    if upper == ALL:
        return ""
    every = rules.every()
    code = upper if any(known.startswith(upper) for known in every) else ""
    code = code or next((rule.code for rule in every.values() if rule.name == name.lower()), "")
    if not code:
        raise SettingsError(f"{where}: no rule is called `{name[:80]}`{_meant(name)}")
    if silences and code in UNREADABLE:
        raise SettingsError(f"{where}: {code} cannot be silenced")
    return code


def _meant(name: str) -> str:
    from planner import rules
    from planner.spelling import nearest

    every = rules.every()
    close = nearest(name.upper(), [*rules.FAMILIES, *every], 1, 0.6) or nearest(
        name.lower(), [rule.name for rule in every.values()], 1, 0.6
    )
    return f"\ndid you mean `{close[0]}`?" if close else "\n`planner rules` lists them"
