"""A deployment worked out: what one device must hold, what the engine leaves for the cache, and whether it fits."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from planner.plan.serving_cache import NOT_LAID_OUT, Sequence, capacity, equal_context, sequence
from planner.plan.serving_case import Case, case, kv_dtype
from planner.plan.serving_layout import Layout, Room
from planner.plan.types import DeviceMemory, ServingPlan
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.memory.engines import Demand
    from planner.workload import Serving

CONTEXT_OPTIONS = {
    "vllm": "--max-model-len",
    "sglang": "--context-length",
    "tgi": "--max-total-tokens",
    "llama.cpp": "--ctx-size",
    "tensorrt-llm": "--max_seq_len",
    "lmdeploy": "--session-len",
    "ollama": "num_ctx, or OLLAMA_CONTEXT_LENGTH",
}
"""By which each engine is told how long a sequence may be."""

__all__ = [
    "Case", "Layout", "Room", "case", "kv_dtype", "longest_context", "not_checked", "sequences", "tokens_in", "verdict",
    "work_out",
]  # fmt: skip


def work_out(case: Case, layout: Layout | None = None) -> ServingPlan:
    """Every number of a deployment, laid out as `layout` where that is known. Pure: rules compare, reports show."""
    demand, device, held, _ = room = (layout or Layout(case)).room(case)
    one, available = sequence(held, case.context), device.kv_available
    fits, basis = verdict(room, one, case.concurrency)
    return ServingPlan(
        engine=case.engine,
        engine_version=".".join(map(str, case.version)) if case.version else None,
        context=case.context,
        concurrency=case.concurrency,
        kv_cache_dtype=case.kv_dtype,
        kv_cache_bytes_per_token=held.per_token if held else None,
        state_bytes_per_sequence=held.state if held else None,
        kv_cache_bytes=one.whole * case.concurrency if one.whole is not None else None,
        sequence_bytes=one.device,
        devices=case.devices,
        per_device=device._replace(kv_cache=one.device * case.concurrency if one.device is not None else None),
        kv_capacity_tokens=capacity(held, case.context, available),
        max_context_that_fits=held.longest(available, case.concurrency) if held else None,
        max_concurrency=sequences(available, one),
        equal_context=equal_context(held, case.model.weights_bytes),
        fits=fits,
        fits_basis=basis,
        assumptions=(*case.assumptions, *demand.notes, *(() if held is None or held.laid_out else (NOT_LAID_OUT,))),
        sequence_bytes_low=one.low,
        paged=demand.paged,
        needed_bytes=_needed(case, demand, device, one.device),
    )


def sequences(available: int | None, one: Sequence) -> float | None:
    """How many of such sequences `available` bytes hold; None without room for any."""
    return available / one.device if available and one.device and available > 0 else None


def verdict(room: Room, one: Sequence, concurrency: int) -> tuple[bool | None, str]:
    """Whether it fits, and how we know: proved by a lower bound above an upper bound, or predicted."""
    device = room.device
    if device.budget_max is None or device.weights_low is None or device.kv_available is None:
        return None, "unknown"
    if device.weights_low + (one.low or 0) > device.budget_max:
        return False, "proved"
    if one.device is None:
        return None, "unknown"
    return one.device * concurrency <= device.kv_available, "predicted"


def longest_context(case: Case, available: int | None, concurrency: int) -> int | None:
    """Tokens that each of `concurrency` sequences can hold in `available` bytes of the fullest device."""
    held = Layout(case).room(case).held
    return held.longest(available, concurrency) if held else None


def tokens_in(case: Case, available: int) -> int | None:
    """Tokens that a cache of `available` bytes of the fullest device holds, as the engine's log counts them."""
    return capacity(Layout(case).room(case).held, case.context, available)


def _needed(case: Case, demand: Demand, device: DeviceMemory, sequence: int | None) -> int | None:
    """Memory of a device on which the deployment would just fit."""
    if device.weights is None or sequence is None:
        return None
    taken = demand.activation + demand.runtime + demand.graph
    cached = sequence * case.concurrency / demand.cache_share
    needed = (device.weights + cached + taken) / demand.share
    return int(needed) + 1 if isfinite(needed) else None


def not_checked(case: Case, serving: Serving, native: bool = True) -> tuple[NotChecked, ...]:
    """What keeps the verdict from being complete; only a `native` config has planner's own keys to mend it with."""
    if case.hardware is None or case.hardware.memory is None:
        number = (case.hardware.count if case.hardware else None) or case.devices
        comment = f"a comment `# planner: hardware=H100-80GB:{number}`, or --hardware"
        mend = f"add `hardware: {{accelerator: H100-80GB}}`, {comment}" if native else f"add {comment}"
        return (NotChecked("serving", _unknown_hardware(serving), mend, "deployment.hardware"),)
    if case.model.architecture is None:
        because = "the KV cache cannot be computed from a parameter count alone"
        mend = (
            "name a catalogue model, or add `architecture:`" if native else "name a model that `planner models` lists"
        )
        return (NotChecked("serving", because, mend, "model"),)
    if case.context is None:
        if serving.engine_args.get("max_model_len") == "auto":
            return (NotChecked("serving", "the engine chooses the context, as long as fits", "", "deployment"),)
        option = None if native else CONTEXT_OPTIONS.get(case.engine or "")
        mend = f"set {option}" if option else "add `context: 8192`" if native else ""
        return (NotChecked("serving", "no context is stated", mend, "deployment"),)
    return ()


def _unknown_hardware(serving: Serving) -> str:
    """Why the memory of a device is not known."""
    hardware = serving.hardware
    if hardware is None or (hardware.name is None and hardware.count is None):
        return "no hardware is stated"
    if hardware.name is not None:
        return f"the memory of {hardware.name} is not known"
    return (
        f"{hardware.count} devices are asked for, not which"
        if hardware.count != 1
        else "one device is asked for, not which"
    )
