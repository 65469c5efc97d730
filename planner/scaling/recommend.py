"""How many tokens a model of a given size wants, and how to spend a compute budget, by every law that is known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from planner.record import NamedTuple
from planner.scaling import LARGEST, deepseek, epoch, hoffmann, kaplan, moe, muennighoff, porian, sardana
from planner.scaling.parametric import Allocation

TOKENS: Mapping[str, Callable[[int], int]] = {
    "chinchilla": hoffmann.rule_of_thumb,
    "hoffmann-1": partial(hoffmann.tokens, 1),
    "hoffmann-2": partial(hoffmann.tokens, 2),
    "hoffmann-3": partial(hoffmann.tokens, 3),
    "epoch": epoch.tokens,
    "muennighoff": muennighoff.tokens,
    "porian": porian.tokens,
    "deepseek": deepseek.tokens,
    "kaplan": kaplan.tokens,
}
"""Tokens by size."""

ALLOCATE: Mapping[str, Callable[[float], Allocation]] = {
    "chinchilla": hoffmann.allocate_by_rule,
    "hoffmann-1": partial(hoffmann.allocate, 1),
    "hoffmann-2": partial(hoffmann.allocate, 2),
    "hoffmann-3": partial(hoffmann.allocate, 3),
    "epoch": epoch.allocate,
    "muennighoff": muennighoff.allocate,
    "porian": porian.allocate,
    "deepseek": deepseek.allocate,
    "kaplan": kaplan.allocate,
}
"""Parameters and tokens by FLOPs."""


class Recommendation(NamedTuple):
    """Training tokens for a model. One number for the headline, a range that one can stand by, and each law's own
    answer."""

    recommended: int
    """20 per parameter."""
    low: int
    high: int
    laws: Mapping[str, int | None]


def recommend(parameters: int, *, mixture: bool = False, demand: int | None = None) -> Recommendation:
    """Recommended training tokens for `parameters` (the active ones of a mixture of experts).

    `low` and `high` are half and twice the headline: compute that costs 4 % at equal loss, and the spread of the laws
    where they were measured. With the tokens to be served over its life (`demand`), `sardana` is where this size is
    the best choice for them.
    """
    reach = 1 <= parameters <= LARGEST
    laws: dict[str, int | None] = {name: law(parameters) if reach else None for name, law in TOKENS.items()}
    if mixture:
        laws["krajewski"] = moe.tokens(parameters) if reach else None
    if demand is not None:
        laws["sardana"] = sardana.tokens_for(parameters, demand) if reach else None
    headline = hoffmann.rule_of_thumb(parameters)
    return Recommendation(headline, headline // 2, headline * 2, laws)


def allocate(flops: float) -> dict[str, Allocation]:
    """How each law would spend `flops`: parameters and tokens."""
    return {name: law(flops) for name, law in ALLOCATE.items()}
