"""Is a pre-training run undertrained? Edges by what being off the optimum costs, not by a bare 20.

Half of 20 tokens per parameter costs 4 % compute at equal loss, an eighth 40 %. Below 1e21 FLOPs measured optima lie
lower (4 to 15 tokens per parameter, much depending on how embeddings count), so a shortfall weighs one step less
there, and is advice at most below 1e20. The evidence is in docs/scaling.md.
"""

from __future__ import annotations

ENOUGH = 18.0
"""Tokens per parameter from which nothing is said: 20 less 10 %, so that runs that were made to be at 20 pass."""
SLIGHT, SEVERE = 10.0, 3.0
OVERTRAINED = 40.0
"""Beyond twice the recommendation a run is overtrained, which is usual and on purpose."""
SMALL_FLOPS, TINY_FLOPS = 1e21, 1e20


def shortfall(per_parameter: float, flops: float) -> int:
    """How far a run of `flops` is below the recommendation: 0 not, 1 slightly, 2 plainly, 3 severely."""
    grade = sum(per_parameter < edge for edge in (ENOUGH, SLIGHT, SEVERE))
    if flops < SMALL_FLOPS:
        grade = max(0, grade - 1)
    return min(grade, 1) if flops < TINY_FLOPS else grade


def verdict(per_parameter: float, grade: int) -> str:
    """ok, undertrained, severely-undertrained or overtrained."""
    if grade:
        return "severely-undertrained" if grade > 2 else "undertrained"
    return "overtrained" if per_parameter > OVERTRAINED else "ok"
