"""Sardana et al. 2023, "Beyond Chinchilla-Optimal: Accounting for Inference in Language Model Scaling Laws" (arXiv
2401.00448).

A model that will serve many tokens should be smaller and trained longer. Over its life it costs 6·N·D FLOPs to train
and 2·N per served token; of all (N, D) with equal loss the best minimises the sum (eq. 3). The paper's constants call
Chinchilla itself too large for any demand, so the law is an argument; `planner.scaling.epoch.LAW` is the default.
Fits at few tokens per parameter overstate the gain of very long training (their section 4: 47 models, up to 10,000
tokens per parameter).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from planner.record import NamedTuple
from planner.scaling.epoch import LAW
from planner.scaling.parametric import Parametric, least_flops, optimum
from planner.scaling.parametric import loss as loss_of
from planner.scaling.parametric import tokens_for as compute_optimal_tokens

WIDEST = 50.0
"""Logarithm of a factor that no optimum is away from the compute-optimal tokens."""


class Saving(NamedTuple):
    """The best model for a demand, against the compute-optimal one of equal loss."""

    parameters: int
    tokens: int
    flops: float
    """Of training and serving."""
    saved_flops: float
    saved_share: float
    """Of the lifetime FLOPs of the compute-optimal model."""


def lifetime_flops(parameters: float, tokens: float, demand: float) -> float:
    """FLOPs of training on `tokens` and of serving `demand` tokens."""
    return 6 * parameters * tokens + 2 * parameters * demand


def inference_optimal(loss: float, demand: float, law: Parametric = LAW) -> Saving:
    """Parameters and tokens that reach `loss` at the least lifetime FLOPs for `demand` served tokens, eq. 3.

    The condition is (β/α + 1)·B·D^−β + (demand/3)·(β/α)·B·D^(−β−1) = loss − E; its left side falls in D.
    """
    usual_parameters, usual_tokens = optimum(law, least_flops(law, loss))
    share = law.beta / law.alpha * law.b

    def excess(x: float) -> float:
        log_tokens = math.log(usual_tokens) + x
        served = demand / 3 * share * math.exp(-(law.beta + 1) * log_tokens)
        return (share + law.b) * math.exp(-law.beta * log_tokens) + served + law.irreducible - loss

    tokens = usual_tokens * math.exp(_root(excess, -1e-6, WIDEST))
    parameters = math.pow(law.a / (loss - law.irreducible - law.b * math.pow(tokens, -law.beta)), 1 / law.alpha)
    flops = lifetime_flops(parameters, tokens, demand)
    baseline = lifetime_flops(usual_parameters, usual_tokens, demand)
    return Saving(round(parameters), round(tokens), flops, baseline - flops, 1 - flops / baseline)


def equal_loss(parameters: float, tokens: float, demand: float, law: Parametric = LAW) -> Saving:
    """The best model for `demand` served tokens that is as good as this one."""
    return inference_optimal(loss_of(law, parameters, tokens), demand, law)


def break_even(parameters: float, tokens: float, law: Parametric = LAW) -> float:
    """Served tokens T* for which (N, D) is exactly the best of its loss: 3·D·(αA·N^−α/(βB·D^−β) − 1).

    Solves the first-order condition of eq. 3 for the demand. Negative where the model is too large for any demand,
    which is what "undertrained" means sharply.
    """
    gain_of_size = law.alpha * law.a * math.pow(parameters, -law.alpha)
    gain_of_tokens = law.beta * law.b * math.pow(tokens, -law.beta)
    return 3 * tokens * (gain_of_size / gain_of_tokens - 1)


def tokens_for(parameters: int, demand: float, law: Parametric = LAW) -> int:
    """Tokens at which a model of this size is the best for `demand` served tokens, the inverse of `break_even`."""
    start = math.log(compute_optimal_tokens(law, parameters))
    above = _root(lambda x: demand - break_even(parameters, math.exp(start + x), law), 0.0, WIDEST)
    return round(math.exp(start + above))


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses zero, by bisection."""
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
