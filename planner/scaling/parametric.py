"""Loss as a sum of three terms, L(N, D) = E + A/N^α + B/D^β, and what follows from it in closed form.

Hoffmann et al. 2022 (arXiv 2203.15556), eq. 2 and eq. 4. N counts parameters, D training tokens, C = 6·N·D FLOPs, L
is in nats.
"""

from __future__ import annotations

import math

from planner.record import NamedTuple


class Allocation(NamedTuple):
    """How to spend a compute budget."""

    parameters: int
    tokens: int


class Parametric(NamedTuple):
    """The constants of one fit, at full precision: rounding α and β to two digits moves the optimum by tens of per
    cent."""

    irreducible: float
    """E."""
    a: float
    b: float
    alpha: float
    beta: float


def loss(law: Parametric, parameters: float, tokens: float) -> float:
    """Loss in nats per token, eq. 2."""
    return law.irreducible + reducible(law, parameters, tokens)


def reducible(law: Parametric, parameters: float, tokens: float) -> float:
    """The part of the loss that more parameters and tokens take away, A/N^α + B/D^β."""
    return law.a * math.pow(parameters, -law.alpha) + law.b * math.pow(tokens, -law.beta)


def allocate(law: Parametric, flops: float) -> Allocation:
    """Parameters and tokens of least loss with 6·N·D = `flops`, eq. 4."""
    parameters, tokens = optimum(law, flops)
    return Allocation(round(parameters), round(tokens))


def optimum(law: Parametric, flops: float) -> tuple[float, float]:
    """`allocate` before rounding."""
    total = law.alpha + law.beta
    scale = math.pow(law.alpha * law.a / (law.beta * law.b), 1 / total)
    return scale * math.pow(flops / 6, law.beta / total), math.pow(flops / 6, law.alpha / total) / scale


def tokens_for(law: Parametric, parameters: float) -> int:
    """Tokens for which a model of this size is compute-optimal: where αA/N^α = βB/D^β."""
    return round(math.pow(law.beta * law.b / (law.alpha * law.a) * math.pow(parameters, law.alpha), 1 / law.beta))


def parameters_for(law: Parametric, tokens: float) -> float:
    """Size for which so many tokens are compute-optimal, the inverse of `tokens_for`."""
    return math.pow(law.alpha * law.a / (law.beta * law.b) * math.pow(tokens, law.beta), 1 / law.alpha)


def least_flops(law: Parametric, target: float) -> float:
    """FLOPs with which the compute-optimal model reaches the loss `target` (> E)."""
    total = law.alpha + law.beta
    unit = reducible(law, *optimum(law, 6.0))
    return 6 * math.pow(unit / (target - law.irreducible), total / (law.alpha * law.beta))


def overhead(law: Parametric, parameters: float, tokens: float) -> float:
    """Compute of a run over the least that reaches its loss, a factor ≥ 1.

    With α = β it depends on x = (D/N)/(D/N at the optimum) alone: ((√x^α + √x^−α)/2)^(2/α), at α = 0.35 4 % for x = 2
    or ½, 18 % for 4 or ¼, 57 % for 10 or ⅒.
    """
    return max(1.0, 6 * parameters * tokens / least_flops(law, loss(law, parameters, tokens)))
