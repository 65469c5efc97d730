"""What a training run costs: FLOPs, device hours and days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.plan.types import TokensPlan

if TYPE_CHECKING:
    from planner.plan.types import ModelPlan
    from planner.workload import Hardware, Training

PEAK_OF = {"fp8": ("fp8", "bf16"), "fp16-mixed": ("fp16", "bf16"), "fp32": ("fp32",)}
"""Arithmetic by `precision`, in order of preference; bf16 otherwise."""


def costed(plan: TokensPlan, training: Training, model: ModelPlan, size: int) -> TokensPlan:
    """`plan` with what its tokens cost: by the layers of the model, or by 6 × `size` where only that is known."""
    from planner.scaling import compute

    if plan.planned is None:
        return plan
    parameters, attention = size, 0
    if model.architecture is not None:
        from planner.model.flops import attention_flops, matmul_parameters

        parameters = matmul_parameters(model.architecture)
        attention = attention_flops(model.architecture, training.sequence_length or 0)
    flops = compute.training_flops(parameters, plan.planned, attention)
    plan = plan._replace(flops=float(flops))
    peak = peak_flops(training.hardware, training.precision)
    return plan if peak is None else _timed(plan, flops, peak, training.hardware)


def _timed(plan: TokensPlan, flops: int, peak: float, hardware: Hardware | None) -> TokensPlan:
    from planner.scaling import compute

    hours = compute.device_hours(flops, peak)
    devices = hardware.count if hardware else None
    return plan._replace(
        gpu_hours=hours,
        gpu_hours_low=compute.device_hours(flops, peak, compute.MFU_HIGH),
        gpu_hours_high=compute.device_hours(flops, peak, compute.MFU_LOW),
        days=compute.days(hours, devices) if devices else None,
        assumptions=(*plan.assumptions, f"device hours at {compute.MFU:.0%} model FLOPs utilization"),
    )


def peak_flops(hardware: Hardware | None, precision: str | None) -> float | None:
    """Dense FLOP/s of one device for the arithmetic of `precision`; None if its catalogue row does not say."""
    flops = hardware.row.get("flops") if hardware and hardware.row else None
    if not isinstance(flops, Mapping):
        return None
    peaks = (flops.get(name) for name in PEAK_OF.get(precision or "", ("bf16", "fp16")))
    return next((float(peak) for peak in peaks if isinstance(peak, (int, float)) and peak > 0), None)
