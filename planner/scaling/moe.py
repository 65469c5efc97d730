"""Krajewski et al. 2024, "Scaling Laws for Fine-Grained Mixture of Experts" (arXiv 2402.07871).

L = c + (g/G^γ + a)/N^α + b/D^β for 64 experts' worth of parameters per active one, split G-fold finer (granularity).
N is the total d²·(8·64 + 4)·L with width d = 64·L, the active size 12·d²·L; a token costs (72·d² + 14·64·d·G)·L
FLOPs, routing included. The printed, rounded constants reproduce the paper's Table 2 to 4.3 % in tokens. Other work
puts the optimum of such models above that of dense ones (Ludziejewski et al. 2025, Hunyuan-Large): it stands here as
the low end of what is known.
"""

from __future__ import annotations

import math

from planner.record import NamedTuple

EXPANSION = 64
ASPECT = 64
"""Width per layer."""
A, ALPHA, B, BETA, G, GAMMA = 18.1, 0.115, 30.8, 0.147, 2.1, 0.58


class Shape(NamedTuple):
    """The paper's model of a given active size."""

    layers: float
    width: float
    total: float


def shape(active: float) -> Shape:
    """Layers (a real number), width and total parameters, for `active` parameters per token."""
    layers = math.pow(active / (12 * ASPECT**2), 1 / 3)
    width = ASPECT * layers
    return Shape(layers, width, width**2 * (8 * EXPANSION + 4) * layers)


def tokens(active: int, granularity: int = 16) -> int:
    """Tokens at which an `active` size is compute-optimal.

    The granularity of a model is rarely known; 16 is within 13 % of the answer for the best one from 100M to 1T.
    Setting the derivative of L at constant FLOPs to zero gives D^β = b·β·e/(3·α·K·N^−α), with e the elasticity of the
    cost per token in the width and K = g/G^γ + a.
    """
    model = shape(active)
    dense, routing = 72 * model.width**2, 14 * EXPANSION * model.width * granularity
    elasticity = (3 * dense + 2 * routing) / (dense + routing)
    by_size = (G / math.pow(granularity, GAMMA) + A) * math.pow(model.total, -ALPHA)
    return round(math.pow(B * BETA * elasticity / (3 * ALPHA * by_size), 1 / BETA))
