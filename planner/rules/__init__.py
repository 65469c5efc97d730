"""The rules, by family. A family's module is imported when a plan has what it judges, or when all rules are listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from planner import plugins
from planner.failure import stop
from planner.rules.registry import RULES, Rule, Violation, is_own

if TYPE_CHECKING:
    from planner.failure import Failed
    from planner.plan.types import Plan

SERVING, TRAINING, EITHER, NOTHING = "serving", "training", "either", "nothing"
"""What the rules of a module judge: deployments, training runs, both, and nothing where readers report them."""
EVERYTHING = frozenset((SERVING, TRAINING, EITHER, NOTHING))
FAMILIES: dict[str, dict[str, str]] = {
    "CFG": {"reading": NOTHING, "config": EITHER, "launch": NOTHING, "training_options": TRAINING},
    "REF": {"reference": EITHER, "launch": NOTHING},
    "FIT": {"fit": SERVING, "budget": SERVING, "training": TRAINING},
    "PAR": {"parallel": EITHER, "pods": SERVING},
    "DTY": {"dtype": EITHER, "quantization": SERVING},
    "TOK": {"tokens": TRAINING, "token_economy": TRAINING},
    "IGN": {"ignore": NOTHING},
}
"""Prefix of a family's codes → its modules."""


def every() -> dict[str, Rule]:
    """All rules by code, in the order of their codes."""
    _load_all()
    return _sorted(len(RULES), tuple(plugins.rules().items()))


@lru_cache(maxsize=1)
def _load_all() -> None:
    for family in FAMILIES:
        _load(family)


@lru_cache(maxsize=2)
def _sorted(_number: int, others: tuple[tuple[str, Rule], ...]) -> dict[str, Rule]:
    own = {code: rule for code, rule in RULES.items() if is_own(rule)}
    return dict(sorted({**own, **dict(others)}.items()))


@lru_cache(maxsize=64)
def _load(family: str, judged: frozenset[str] = EVERYTHING) -> None:
    """The modules of `family` whose rules judge one of `judged`."""
    for module, what in FAMILIES[family].items():
        if what in judged:
            import_module(f"planner.rules.{module}")


def _judged(plan: Plan) -> frozenset[str]:
    serves = plan.serving is not None or plan.workload.serving is not None
    trains = plan.workload.training is not None
    return frozenset((EITHER, *([SERVING] if serves else ()), *([TRAINING] if trains else ())))


def get(code: str) -> Rule:
    """The rule with this code."""
    if code[:3] not in FAMILIES:
        return plugins.rules()[code]
    if code not in RULES:
        _load(code[:3])
    return RULES[code]


def find(name: str) -> Rule | None:
    """The rule that is called `name`: its code in either case, or its readable name."""
    rules = every()
    return rules.get(name.upper()) or next((rule for rule in rules.values() if rule.name == name.lower()), None)


def close(name: str) -> list[str]:
    """Up to three names and codes of rules that `name` may have been meant as."""
    from planner.spelling import nearest

    rules = every()
    names = [*(rule.name for rule in rules.values()), *rules]
    return nearest(name.lower(), names, 3, 0.6) or nearest(name.upper(), names, 3, 0.6)


def _families(plan: Plan) -> Iterator[str]:
    if plan.model is not None:
        yield "CFG"
    if plan.serving is not None or plan.training is not None:
        yield from ("FIT", "PAR", "DTY", "REF")
    if plan.tokens is not None and plan.workload.training is not None:
        yield "TOK"


def run(plan: Plan, failed: Failed = stop) -> Iterator[tuple[Rule, Violation]]:
    """What the rules that apply to `plan` have to say. A rule that fails keeps no other from it."""
    judged = _judged(plan)
    for family in _families(plan):
        _load(family, judged)
        yield from _said(map(RULES.__getitem__, _codes(family, len(RULES))), plan, failed)
    yield from _said(plugins.rules().values(), plan, failed)


@lru_cache(maxsize=64)
def _codes(family: str, _number: int) -> tuple[str, ...]:
    return tuple(code for code in RULES if code.startswith(family))


def _said(rules: Iterable[Rule], plan: Plan, failed: Failed) -> Iterator[tuple[Rule, Violation]]:
    for rule in rules:
        if rule.check is None:
            continue
        try:
            for violation in rule.check(plan):
                yield rule, violation
        except Exception as error:
            failed(rule.code, error, plan.workload.document)
