"""A budget of compute: as stated, or by devices × time × utilization; and how each law would spend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.plan.training_cost import flops_per_token, peak_flops, stated_hours
from planner.plan.types import TokensPlan
from planner.record import NamedTuple
from planner.units import short

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Training

TOLERANCE = 0.1
"""Tokens and budget that are further apart contradict each other."""


class Compute(NamedTuple):
    """FLOPs that a run may spend."""

    flops: float
    working: str
    stated: bool
    """Rather than estimated from the time."""


def compute(training: Training) -> Compute | None:
    """The budget of `training`; None where neither FLOPs nor time and devices are stated."""
    if training.compute:
        return Compute(training.compute, f"{training.compute:.3g} FLOPs", True)
    hours, peak = stated_hours(training), peak_flops(training.hardware, training.precision)
    if hours is None or peak is None:
        return None
    from planner.scaling.compute import MFU

    mfu = training.mfu or MFU
    working = f"{hours[0]:,.0f} device hours × {peak / 1e12:,.0f} TFLOP/s × {mfu:.0%} utilization"
    return Compute(hours[0] * 3600 * peak * mfu, working, False)


def allocated(plan: TokensPlan, training: Training) -> TokensPlan:
    """`plan` with its budget and how the laws would spend it."""
    found = compute(training)
    if found is None:
        return plan
    from planner.scaling.recommend import allocate

    spent = {law: (best.parameters, best.tokens) for law, best in allocate(found.flops).items()}
    return plan._replace(compute=found.flops, compute_working=found.working, allocations=spent)


def filled(plan: TokensPlan, training: Training, model: ModelPlan, size: int) -> TokensPlan:
    """`plan` with the tokens that the stated FLOPs pay for, or with the contradiction where it has tokens already."""
    if not training.compute:
        return plan
    each, _ = flops_per_token(training, model, size)
    tokens = round(training.compute / each)
    if plan.planned is None:
        working = f"{training.compute:.3g} FLOPs ÷ {each:.3g} a token = {short(tokens)} tokens"
        return plan._replace(planned=tokens or None, field="training.compute", working=working)
    if abs(plan.planned / max(tokens, 1) - 1) <= TOLERANCE:
        return plan
    message = (
        f"`compute` pays for {short(tokens)} tokens ({training.compute:.3g} FLOPs ÷ {each:.3g} a token),"
        f" but the run has {short(plan.planned)}"
    )
    cure = f"write `compute: {each * plan.planned:.3g}`, or `tokens: {short(tokens)}`"
    return plan._replace(contradictions=(*plan.contradictions, ("training.compute", message, cure)))
