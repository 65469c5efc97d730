"""Porian et al. 2024, "Resolving Discrepancies in Compute-Optimal Scaling of Language Models" (arXiv 2406.19146).

With the head's FLOPs counted, a short warm-up and tuned learning rate, batch and β2, the optimum is D/N =
11.929·C^0.00594 (RefinedWeb; formll/resolving-scaling-law-discrepancies, tuned runs): 15.3 tokens per parameter at
1e18 FLOPs, 16.5 at Chinchilla's. N counts the linear layers and the head. Runs up to 2e19 FLOPs.
"""

from __future__ import annotations

import math

from planner.scaling.parametric import Allocation

FACTOR, EXPONENT = 11.929462248204, 0.005942409016763
"""Of the tuned runs on RefinedWeb (data/summary_df.pickle.xz, bootstrap median)."""


def ratio(flops: float) -> float:
    """Tokens per parameter at the optimum."""
    return FACTOR * math.pow(flops, EXPONENT)


def allocate(flops: float) -> Allocation:
    """Size and tokens with D = ratio·N and 6·N·D = `flops`."""
    parameters = math.sqrt(flops / 6 / ratio(flops))
    return Allocation(round(parameters), round(flops / 6 / parameters))


def tokens(parameters: int) -> int:
    """Tokens that make a model of this size compute-optimal: solves C = 6·N²·ratio(C)."""
    flops = math.pow(6 * parameters**2 * FACTOR, 1 / (1 - EXPONENT))
    return round(flops / 6 / parameters)
