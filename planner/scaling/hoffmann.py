"""Hoffmann et al. 2022, "Training Compute-Optimal Large Language Models" (Chinchilla, arXiv 2203.15556).

N counts all parameters, embeddings included; C = 6·N·D. Measured on 70M to 16B parameters, 5B to 500B tokens, 6e18 to
3e21 FLOPs. The paper prints its answers as tables of tokens by size (Table 3 for approach 1, Table A3 for 2 and 3).
Power laws fitted to these tables in logarithms reproduce their rows to 1.3 %, but for 67B and 280B, whose tokens are
printed to two digits.
"""

from __future__ import annotations

import math

from planner.record import NamedTuple
from planner.scaling import parametric
from planner.scaling.parametric import Allocation, Parametric


class PowerLaw(NamedTuple):
    """D = factor · N^exponent."""

    factor: float
    exponent: float


APPROACHES = {1: PowerLaw(17.254, 1.00763), 2: PowerLaw(8.6019, 1.04103), 3: PowerLaw(0.65348, 1.18024)}
"""By approach: minimum over training curves, isoFLOP profiles, parametric loss."""

PARAMETRIC = Parametric(math.exp(0.5267228), math.exp(6.0073404), math.exp(6.0179186), 0.33917084, 0.2849083)
"""Approach 3 with the constants of the paper's TeX source. The printed 1.69, 406.4, 410.7, 0.34, 0.28 must not be
used to allocate: they give 32B for Gopher's budget, where the paper says 40B."""

PER_PARAMETER = 20
"""The rule of thumb: within 8 % of Table 3 from 400M to 10T parameters."""


def tokens(approach: int, parameters: int) -> int:
    """Tokens of the paper's table for a model of this size, by approach 1, 2 or 3."""
    law = APPROACHES[approach]
    return round(law.factor * math.pow(parameters, law.exponent))


def allocate(approach: int, flops: float) -> Allocation:
    """Size and tokens that spend 6·N·D = `flops`: on the table's line; for approach 3 by its parametric loss, eq. 4."""
    if approach == 3:
        return parametric.allocate(PARAMETRIC, flops)
    law = APPROACHES[approach]
    parameters = math.pow(flops / 6 / law.factor, 1 / (1 + law.exponent))
    return Allocation(round(parameters), round(flops / 6 / parameters))


def rule_of_thumb(parameters: int) -> int:
    """20 tokens per parameter."""
    return PER_PARAMETER * parameters


def allocate_by_rule(flops: float) -> Allocation:
    """Size and tokens with D = 20·N and 6·N·D = `flops`."""
    parameters = math.sqrt(flops / 6 / PER_PARAMETER)
    return Allocation(round(parameters), round(PER_PARAMETER * parameters))
