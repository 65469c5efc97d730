"""Clauses that the rules share: a plan's numbers with their working, in words."""

from __future__ import annotations

from collections.abc import Iterable

from planner.plan.types import Fix, Plan, ServingPlan
from planner.units import gib


def engine(serving: ServingPlan) -> str:
    """The engine with its version, "vllm 0.20.2"."""
    return f"{serving.engine} {serving.engine_version or ''}".strip() if serving.engine else "the process"


def has(plan: Plan) -> str:
    """What a device has, as a clause: "H100 80GB gives 72.86 GiB of its 79.19 GiB"."""
    serving = plan.serving
    hardware = plan.workload.serving.hardware if plan.workload.serving else None
    if serving is None or serving.per_device.budget_max is None or serving.per_device.usable_max is None:
        return "the device's memory is unknown"
    name = hardware.name if hardware and hardware.name else "the device"
    budget, usable = serving.per_device.budget_max, serving.per_device.usable_max
    if budget == usable:
        return f"{name} has {gib(usable)} at most"
    return f"{engine(serving)} uses {gib(budget)} at most ({budget / usable:.0%} of {gib(usable)} on {name})"


def weights_working(plan: Plan) -> str:
    """How the bytes of the weights came about."""
    model, serving = plan.model, plan.serving
    if model is None or serving is None or model.total is None or model.weights_bytes is None:
        return ""
    by = model.quantization or model.dtype
    split = f" ÷ {serving.devices} devices" if serving.devices and serving.devices > 1 else ""
    return (
        f"{model.total:,} parameters in {by} = {gib(model.weights_bytes)} ({model.weights_bytes / 1e9:,.2f} GB){split}"
    )


def cache_working(serving: ServingPlan) -> str:
    """How the bytes of the KV cache came about."""
    if not serving.kv_cache_bytes_per_token or serving.context is None:
        return ""
    per_token = serving.kv_cache_bytes_per_token
    return (
        f"KV cache: {per_token:,} bytes a token in {serving.kv_cache_dtype} (whole model), {serving.context:,} tokens"
    )


def budget_working(serving: ServingPlan) -> str:
    """The sum from what the driver reports down to what is left for the cache."""
    device = serving.per_device
    if device.usable is None or device.budget is None or device.weights is None or device.kv_available is None:
        return ""
    parts = (
        ("weights", device.weights),
        ("activations", device.activation),
        ("runtime", device.runtime),
        ("CUDA graphs", device.graph),
    )
    taken = " − ".join(f"{gib(size)} {name}" for name, size in parts if size)
    share = f"{device.budget / device.usable:.2f} × {gib(device.usable)} = " if device.budget != device.usable else ""
    working = f"{share}{gib(device.budget)} budget − {taken}"
    left = (device.left or 0) if device.kv_told else device.kv_available
    if left < 0:
        return f"{working}: {gib(-left)} too little without any KV cache"
    if device.kv_told:
        return f"{working} = {gib(left)}, of which the KV cache is told to take {gib(device.kv_available)}"
    return f"{working} = {gib(left)} for the KV cache"


def remedies(serving: ServingPlan) -> str:
    """What would fit, a line each."""
    return "\n".join(fix.text for fix in serving.fixes)


def proposed(fixes: Iterable[Fix], what: str) -> int | None:
    """The number that the first of `fixes` of that kind would have written."""
    return next((int(fix.value) for fix in fixes if fix.what == what and fix.value.isdecimal()), None)
