"""A pre-training run's tokens against the laws: their worth after repetition, the ratio, the verdict, what would be
better."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.plan.types import TokensPlan

if TYPE_CHECKING:
    from planner.workload import Model, Training

TRIAL_STEPS = 1000
"""A run of at most so many steps is there to see that it works."""
MOST_EPOCHS_ADVISED = 40
MIXTURE_NAME = r"(?i:(?<!\d)\d+x\d+(?:\.\d+)?b|-a\d+(?:\.\d+)?b\b|(?<![a-z])moe\b|mixtral)|MoE"
"""Names by which mixtures of experts go: Mixtral-8x7B, Qwen3-30B-A3B, OLMoE."""


def advised(plan: TokensPlan, size: int, total: int | None, demand: int | None) -> TokensPlan:
    """`plan` with the recommended tokens for `size` active of `total` parameters."""
    from planner.scaling.recommend import recommend

    advice = recommend(size, mixture=total is not None and total > 1.02 * size, demand=demand)
    if plan.planned is None:
        plan = plan._replace(inference_optimal=_inference_optimal(size, advice.recommended, demand))
    return plan._replace(
        recommended=advice.recommended,
        recommended_low=advice.low,
        recommended_high=advice.high,
        laws=advice.laws,
    )


def discounted(plan: TokensPlan) -> TokensPlan:
    """`plan` with what its tokens are worth after the discount for repetition."""
    from planner.scaling import muennighoff

    if plan.planned is None or not plan.unique or not plan.epochs or plan.epochs <= 1:
        return plan._replace(effective=plan.planned)
    effective = muennighoff.effective_tokens(plan.planned, plan.unique)
    return plan._replace(effective=effective, marginal_value=muennighoff.marginal_value(plan.epochs))


def judged(plan: TokensPlan, size: int, training: Training) -> TokensPlan:
    """`plan` with its ratio, its verdict, and the better uses of the same compute; a trial gets none of them."""
    from planner.scaling import epoch, hoffmann, parametric, sardana, verdict

    if training.tokens is None and training.steps is not None and training.steps <= TRIAL_STEPS:
        note = f"{training.steps:,} steps are a trial: not judged"
        return plan._replace(verdict="not-applicable", assumptions=(*plan.assumptions, note))
    planned, effective = plan.planned or 1, plan.effective or 1
    ratio, flops = effective / size, 6.0 * size * planned
    grade = verdict.shortfall(ratio, flops)
    same = hoffmann.allocate_by_rule(flops)
    return plan._replace(
        per_parameter=ratio,
        shortfall=grade,
        verdict=verdict.verdict(ratio, grade),
        overhead=parametric.overhead(epoch.LAW, size, effective) * planned / effective,
        break_even_tokens=sardana.break_even(size, effective),
        same_compute=(same.parameters, same.tokens),
        repeated_optimum=_repeated_optimum(plan, flops),
        inference_optimal=_inference_optimal(size, effective, training.lifetime_inference_tokens),
        schedule=_schedule(training),
    )


def _schedule(training: Training) -> tuple[int, int] | None:
    """(steps of the learning-rate schedule, steps of the run)."""
    if not training.schedule_steps or not training.steps:
        return None
    return training.schedule_steps, training.steps


def _repeated_optimum(plan: TokensPlan, flops: float) -> tuple[int, int] | None:
    """The best use of the compute on the unique tokens, where it repeats them within reason."""
    from planner.scaling import muennighoff

    if plan.marginal_value is None or not plan.unique:
        return None
    best = muennighoff.allocate(flops, plan.unique)
    return (best.parameters, best.tokens) if best.tokens <= MOST_EPOCHS_ADVISED * plan.unique else None


def _inference_optimal(size: int, tokens: int, demand: int | None) -> tuple[int, int, float] | None:
    from planner.scaling import sardana

    if not demand or demand < 0:
        return None
    best = sardana.equal_loss(size, tokens, demand)
    return best.parameters, best.tokens, best.saved_share


def mixture_doubt(model: Model | None) -> str:
    """Why the size may be the total of a mixture of experts whose active parameters nobody states."""
    if model is None or model.config is not None or model.active_parameters is not None or model.name is None:
        return ""
    if re.search(MIXTURE_NAME, model.name) is None:
        return ""
    return f"{model.name} sounds like a mixture of experts and only its total parameters are stated"
