"""What a training run costs: FLOPs, device hours, days, money; and what the stated time would take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.plan.types import TokensPlan

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Hardware, Training

PEAK_OF = {"fp8": ("fp8", "bf16"), "fp16-mixed": ("fp16", "bf16"), "fp32": ("fp32",)}
"""Arithmetic by `precision`, in order of preference; bf16 otherwise."""


def flops_per_token(training: Training, model: ModelPlan, size: int) -> tuple[int, float | None]:
    """(FLOPs of a token, share of attention's scores in them): by the layers; 6 × `size` where only that is known."""
    from planner.scaling import compute

    if model.architecture is None:
        return compute.flops_per_token(size), None
    from planner.model.flops import attention_flops, matmul_parameters

    parameters = matmul_parameters(model.architecture)
    whole = compute.flops_per_token(parameters, attention_flops(model.architecture, training.sequence_length or 0))
    return whole, 1 - compute.flops_per_token(parameters) / whole if training.sequence_length and whole else None


def costed(plan: TokensPlan, training: Training, model: ModelPlan, size: int) -> TokensPlan:
    """`plan` with what its tokens cost."""
    if plan.planned is None:
        return plan
    each, share = flops_per_token(training, model, size)
    flops = each * plan.planned
    plan = plan._replace(flops=float(flops), attention_share=share)
    peak = peak_flops(training.hardware, training.precision)
    return plan if peak is None else _implied(_timed(plan, flops, peak, training), flops, peak, training)


def _timed(plan: TokensPlan, flops: int, peak: float, training: Training) -> TokensPlan:
    from planner.scaling import compute

    mfu = training.mfu or compute.MFU
    hours = compute.device_hours(flops, peak, mfu)
    devices = training.hardware.count if training.hardware else None
    said = "as stated" if training.mfu else "of whole runs"
    return plan._replace(
        gpu_hours=hours,
        gpu_hours_low=None if training.mfu else compute.device_hours(flops, peak, compute.MFU_HIGH),
        gpu_hours_high=None if training.mfu else compute.device_hours(flops, peak, compute.MFU_LOW),
        days=compute.days(hours, devices) if devices else None,
        price=hours * training.price_per_gpu_hour if training.price_per_gpu_hour else None,
        assumptions=(*plan.assumptions, f"device hours at {mfu:.0%} model FLOPs utilization, {said}"),
    )


def stated_hours(training: Training) -> tuple[float, str] | None:
    """(device hours, the field that states them) that the run is to take."""
    if training.gpu_hours:
        return training.gpu_hours, "training.gpu_hours"
    devices = training.hardware.count if training.hardware else None
    return (training.days * devices * 24, "training.days") if training.days and devices else None


def _implied(plan: TokensPlan, flops: int, peak: float, training: Training) -> TokensPlan:
    """`plan` with the utilization that the stated time implies."""
    from planner.scaling import compute

    hours = stated_hours(training)
    if hours is None:
        return plan
    row = training.hardware.row if training.hardware else None
    capability = row.get("compute_capability") if row else None
    return plan._replace(
        implied_mfu=compute.utilization(flops, peak, hours[0]),
        implied_field=hours[1],
        mfu_limit=compute.impossible_from(capability if isinstance(capability, (list, tuple)) else ()),
    )


def peak_flops(hardware: Hardware | None, precision: str | None) -> float | None:
    """Dense FLOP/s of one device for the arithmetic of `precision`; None if its catalogue row does not say."""
    flops = hardware.row.get("flops") if hardware and hardware.row else None
    if not isinstance(flops, Mapping):
        return None
    peaks = (flops.get(name) for name in PEAK_OF.get(precision or "", ("bf16", "fp16")))
    return next((float(peak) for peak in peaks if isinstance(peak, (int, float)) and peak > 0), None)
