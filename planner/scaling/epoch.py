"""Besiroglu et al. 2024, "Chinchilla Scaling: A replication attempt" (arXiv 2404.10102): the default where a loss is
needed.

A refit of Hoffmann's approach 3 to the points of its Figure 4, which agrees with approaches 1 and 2 and with
Chinchilla itself. Printed as E 1.8172, A 482.01, B 2085.43, α 0.3478, β 0.3658; the constants below are those of the
authors' notebook (epoch-research/analyzing-chinchilla, data_analysis.ipynb). Fitted to runs of 6e18 to 3e21 FLOPs;
the authors' 80 % interval at 1e26 spans 4 to 40 tokens per parameter.
"""

from __future__ import annotations

import math

from planner.scaling import parametric
from planner.scaling.parametric import Allocation, Parametric

LAW = Parametric(math.exp(0.59711196), math.exp(6.17795598), math.exp(7.64273236), 0.34781303, 0.36585412)


def tokens(parameters: int) -> int:
    """Tokens that make a model of this size compute-optimal: 18 per parameter at 70B, 24 at 1B."""
    return parametric.tokens_for(LAW, parameters)


def allocate(flops: float) -> Allocation:
    """Parameters and tokens of least loss for so many FLOPs."""
    return parametric.allocate(LAW, flops)
