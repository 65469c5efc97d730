"""Kaplan et al. 2020, "Scaling Laws for Neural Language Models" (arXiv 2001.08361): history, shown for comparison.

Appendix A: N = 1.3e9·C^0.73 and D = 2e10·C^0.27 with C in PF-days and N without embeddings. Fitted on 768 to 1.5e9
parameters and 22M to 23B tokens. D is at the critical batch size, so 6·N·D is 1.8·C. The exponent 0.73 came of
counting without embeddings and of untuned small models (Pearce & Song 2024, Porian et al. 2024). "1.7 tokens per
parameter" is GPT-3's 300B/175B, not this law.
"""

from __future__ import annotations

import math

from planner.scaling.parametric import Allocation

PF_DAY = 8.64e19
"""FLOPs of 10^15 FLOP/s over a day."""


def allocate(flops: float) -> Allocation:
    """Parameters without embeddings, and tokens, for so many FLOPs."""
    budget = flops / PF_DAY
    return Allocation(round(1.3e9 * math.pow(budget, 0.73)), round(2e10 * math.pow(budget, 0.27)))


def tokens(parameters: int) -> int:
    """Tokens at the compute for which this size is optimal."""
    return round(2e10 * math.pow(parameters / 1.3e9, 0.27 / 0.73))
