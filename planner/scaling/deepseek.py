"""DeepSeek-AI 2024, "DeepSeek LLM" (arXiv 2401.02954), eq. 4: M = 0.1715·C^0.5243, D = 5.8316·C^0.4757.

M is FLOPs per token without embeddings, 72·L·d² + 12·L·d·s, and C = M·D. M/6 is read here as the size, which leaves
attention out: for a model of this shape at 4,096 tokens it is a few per cent too large. Fitted on 1e17 to 3e20 FLOPs.
"""

from __future__ import annotations

import math

from planner.scaling.parametric import Allocation


def allocate(flops: float) -> Allocation:
    """Size (M/6) and tokens for so many FLOPs."""
    return Allocation(round(0.1715 * math.pow(flops, 0.5243) / 6), round(5.8316 * math.pow(flops, 0.4757)))


def tokens(parameters: int) -> int:
    """Tokens at the compute for which M is six times this size."""
    return round(5.8316 * math.pow(6 * parameters / 0.1715, 0.4757 / 0.5243))
