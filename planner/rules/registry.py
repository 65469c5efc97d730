"""What a rule is, and the table of them.

A rule is a generator over a `Plan`, registered with its code, name and level; its docstring is its documentation.
Modules of a family are imported only when a plan needs them or when all rules are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.plan.types import Plan


class Change(NamedTuple):
    """Another value for a field of the vocabulary. The core finds the place in the text, if the config states it."""

    field: str
    value: int


class Violation(NamedTuple):
    """What a rule yields: a field of the vocabulary, and what is wrong with it. The core finds the place in the text."""

    field: str
    message: str
    help: str = ""
    related: tuple[tuple[str, str], ...] = ()
    """Other fields that take part, each with a short label: ("model.parameters", "140.00 GiB in bfloat16")."""
    level: str | None = None
    """Below the rule's own level, where the evidence is weaker."""
    changes: tuple[Change, ...] = ()
    """What mends it, all together."""
    safe: bool = False
    """Whether these changes are the one answer and keep what the config means."""


class Rule(NamedTuple):
    """A rule and what is known of it. `check` is None for a rule that readers report themselves (`Problem`)."""

    code: str
    name: str
    level: str
    check: Callable[[Plan], Iterator[Violation]] | None
    documentation: str
    since: str
    url: str = ""
    """Where its page can be read, for a rule of others."""


RULES: dict[str, Rule] = {}
"""Registered rules by code."""

Check = Callable[["Plan"], Iterator[Violation]]


def rule(code: str, name: str, level: str, *, since: str = "0.1.0", url: str = "") -> Callable[[Check], Check]:
    """Register the decorated generator under `code` and `name`."""

    def register(check: Check) -> Check:
        _add(Rule(code, name, level, check, check.__doc__ or "", since, url))
        return check

    return register


def reported(code: str, name: str, level: str, documentation: str, *, since: str = "0.1.0") -> None:
    """Register a rule whose findings come from a reader as `Problem`s."""
    _add(Rule(code, name, level, None, documentation, since))


def _add(new: Rule) -> None:
    taken = RULES.get(new.code)
    if taken is not None and taken.name != new.name:
        raise ValueError(f"rule code {new.code} is taken by {taken.name}")
    if not is_own(new):
        from planner.rules import FAMILIES

        if not re.fullmatch("[A-Z]{3}[0-9]{3}", new.code) or new.code[:3] in FAMILIES:
            raise ValueError(f"a code is three letters that are no family of planner's and three digits: {new.code}")
    RULES[new.code] = new


def is_own(rule: Rule) -> bool:
    """Whether it is a rule of planner's own, not of a plugin."""
    return rule.check is None or rule.check.__module__.startswith("planner.")
