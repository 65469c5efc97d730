"""A deployment worked out: what one device must hold, what the engine leaves for the cache, and whether it fits."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from planner.plan.serving_cache import NOT_LAID_OUT, Cache, activation_bytes, cache_of, capacity, equal_context, longest
from planner.plan.serving_case import Case, case, kv_dtype
from planner.plan.types import DeviceMemory, ServingPlan
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.memory.engines import Demand, Shape
    from planner.model.stack import Architecture
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

__all__ = ["Case", "case", "kv_dtype", "longest_context", "not_checked", "tokens_in", "work_out"]


def work_out(case: Case) -> ServingPlan:
    """Every number of a deployment. Pure: rules compare them, reports show them."""
    weights = _weights_per_device(case)
    demand = _demand(case, weights[0] if weights else None)
    cache = cache_of(case, demand)
    device = _device(case, demand, weights, cache)
    available = device.kv_available
    sequence = cache.device if cache else None
    concurrency = available / sequence if available and sequence and available > 0 else None
    fits, basis = _verdict(case, demand, device, cache)
    return ServingPlan(
        engine=case.engine,
        engine_version=".".join(map(str, case.version)) if case.version else None,
        context=case.context,
        concurrency=case.concurrency,
        kv_cache_dtype=case.kv_dtype,
        kv_cache_bytes_per_token=cache.per_token if cache else None,
        state_bytes_per_sequence=cache.state if cache else None,
        kv_cache_bytes=cache.whole * case.concurrency if cache and cache.whole is not None else None,
        sequence_bytes=sequence,
        devices=case.devices,
        per_device=device._replace(kv_cache=sequence * case.concurrency if sequence is not None else None),
        kv_capacity_tokens=capacity(case, cache, available, concurrency),
        max_context_that_fits=longest(case, cache, available, case.concurrency),
        max_concurrency=concurrency,
        equal_context=equal_context(case, cache),
        fits=fits,
        fits_basis=basis,
        assumptions=(*case.assumptions, *demand.notes, *(() if cache is None or cache.laid_out else (NOT_LAID_OUT,))),
        sequence_bytes_low=cache.device_low if cache else None,
        paged=demand.paged,
        needed_bytes=_needed(case, demand, device, sequence),
    )


def longest_context(case: Case, available: int | None, concurrency: int) -> int | None:
    """Tokens that each of `concurrency` sequences can hold in `available` bytes of the fullest device."""
    weights = _weights_per_device(case)
    return longest(case, cache_of(case, _demand(case, weights[0] if weights else None)), available, concurrency)


def tokens_in(case: Case, available: int) -> int | None:
    """Tokens that a cache of `available` bytes of the fullest device holds, as the engine's log counts them."""
    weights = _weights_per_device(case)
    cache = cache_of(case, _demand(case, weights[0] if weights else None))
    sequence = cache.device if cache else None
    return capacity(case, cache, available, available / sequence if sequence else None)


def _needed(case: Case, demand: Demand, device: DeviceMemory, sequence: int | None) -> int | None:
    """Memory of a device on which the deployment would just fit."""
    if device.weights is None or sequence is None:
        return None
    taken = demand.activation + demand.runtime + demand.graph
    cached = sequence * case.concurrency / demand.cache_share
    needed = (device.weights + cached + taken) / demand.share
    return int(needed) + 1 if isfinite(needed) else None


def _demand(case: Case, weights: int | None) -> Demand:
    from planner.memory.engines import Setup, demand

    hardware, model = case.hardware, case.model
    row = hardware.row if hardware and hardware.row else {}
    link, capability, vendor = row.get("link"), row.get("compute_capability"), row.get("vendor")
    setup = Setup(
        version=case.version,
        shape=_shape(model.architecture) if model.architecture else None,
        context=case.context,
        concurrency=case.concurrency,
        dtype_bytes=activation_bytes(model),
        tensor_parallel=case.tensor_parallel,
        pipeline_parallel=case.pipeline_parallel,
        device_bytes=hardware.memory if hardware else None,
        device_name=hardware.name if hardware else None,
        utilization=case.utilization,
        options=case.options,
        architecture=model.architecture,
        dtype=model.dtype or "bfloat16",
        scheme=model.scheme,
        rotary_elements=model.rotary_elements,
        link=link if isinstance(link, str) else None,
        compute_capability=(capability[0], capability[1]) if isinstance(capability, (list, tuple)) else None,
        vendor=vendor if isinstance(vendor, str) else None,
        weights_bytes=weights,
    )
    return demand(case.engine, setup)


def _shape(architecture: Architecture) -> Shape:
    from planner.memory.engines import Shape

    experts = [layer for layer in architecture.layers if layer.experts]
    dense = [layer.ffn_width for layer in architecture.layers if not layer.experts]
    return Shape(
        architecture.hidden_size,
        architecture.vocab_size,
        max(dense, default=0),
        experts[0].ffn_width if experts else 0,
        experts[0].experts_per_token if experts else 0,
    )


def _device(case: Case, demand: Demand, weights: tuple[int, int] | None, cache: Cache | None) -> DeviceMemory:
    hardware = case.hardware
    usable = hardware.memory if hardware else None
    usable_max = hardware.memory_max if hardware else None
    share = 1.0 if demand.cache_bytes is not None or demand.cache_blocks is not None else demand.share
    budget = int(usable * share) if usable is not None else None
    drafted = case.draft.weights if case.draft else 0
    loaded = max(0, weights[0] + demand.loaded + drafted - demand.offload) if weights else None
    return DeviceMemory(
        usable=usable,
        usable_max=usable_max,
        budget=budget,
        budget_max=int(usable_max * share) if usable_max is not None else None,
        weights=loaded,
        weights_low=max(0, weights[1] - demand.offload) if weights else None,
        kv_cache=None,
        activation=demand.activation,
        runtime=demand.runtime,
        graph=demand.graph,
        kv_available=_available(demand, budget, loaded, cache),
        beyond=demand.beyond,
    )


def _available(demand: Demand, budget: int | None, loaded: int | None, cache: Cache | None) -> int | None:
    """Bytes of the cache: what the engine is told, else what weights and the engine's own parts leave."""
    told = demand.cache_bytes
    if demand.cache_blocks is not None and cache is not None and cache.pages is not None:
        told = cache.pages.blocks_bytes(demand.cache_blocks)
    if budget is None or loaded is None:
        return told
    left = budget - loaded - demand.activation - demand.runtime - demand.graph
    if told is not None:
        return min(told, left)
    return int(left * demand.cache_share) if left > 0 else left


def _weights_per_device(case: Case) -> tuple[int, int] | None:
    """(fullest device as predicted, lower bound)."""
    model, devices = case.model, case.devices
    if model.weights_bytes is None:
        return None
    elsewhere = _experts_elsewhere(case)
    low = max(0, -(-(model.weights_low or 0) // devices) - elsewhere)
    if devices == 1 or model.architecture is None or model.dtype is None:
        return max(0, -(-model.weights_bytes // devices) - elsewhere), low
    from planner.memory.weights import per_device

    fullest, _ = per_device(model.architecture, model.dtype, model.scheme, case.tensor_parallel, case.pipeline_parallel)
    return max(fullest - elsewhere, low), low


def _experts_elsewhere(case: Case) -> int:
    """Bytes of routed experts that a device leaves to other replicas."""
    model = case.model
    if case.expert_ways == 1 or model.architecture is None or model.dtype is None:
        return 0
    from planner.memory.weights import placed

    found = placed(model.architecture, model.dtype, model.scheme)
    experts = sum(each.size for each in found if each.tensor.kind == "expert")
    return experts * (case.expert_ways - 1) // (case.devices * case.expert_ways)


def _verdict(case: Case, demand: Demand, device: DeviceMemory, cache: Cache | None) -> tuple[bool | None, str]:
    """Whether it fits, and how we know: proved by a lower bound above an upper bound, or predicted."""
    if device.budget_max is None or device.weights_low is None or device.kv_available is None:
        return None, "unknown"
    least = device.weights_low + ((cache.device_low or 0) if cache else 0)
    if least > device.budget_max:
        return False, "proved"
    if cache is None or cache.device is None:
        return None, "unknown"
    return cache.device * case.concurrency <= device.kv_available, "predicted"


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
