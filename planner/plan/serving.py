"""A deployment worked out: what one device must hold, what the engine leaves for the cache, and whether it fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.plan.types import DeviceMemory, ModelPlan, ServingPlan
from planner.record import NamedTuple
from planner.units import DTYPE_BITS, dtype
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.memory.engines import Demand, Shape
    from planner.memory.pages import Pages
    from planner.model.stack import Architecture
    from planner.workload import Hardware, Serving

REFUSES_LONG_CONTEXTS = frozenset({"vllm"})
"""Engines that do not start when one sequence at the model's full context has no room in the cache."""


MOST, MOST_STAGES, LONGEST = 1 << 24, 1 << 12, 1 << 40
"""Beyond any number of devices or sequences, of pipeline stages, and any context."""
NOT_LAID_OUT = "how the engine lays compressed caches out is not known: fewer sequences may fit than their bytes say"
FORMATS = (("fp8", "float8"), ("int8", "int8"), ("nvfp4", "float4"), ("fp4", "float4"), ("int4", "int4"))
"""Prefixes of the engines' own names of cache formats, and the dtype of an element."""


class Case(NamedTuple):
    """A deployment with every default filled in: what `work_out` computes on and `fixes` varies."""

    model: ModelPlan
    engine: str | None
    version: tuple[int, ...] | None
    context: int | None
    concurrency: int
    kv_dtype: str
    tensor_parallel: int
    pipeline_parallel: int
    hardware: Hardware | None
    utilization: float | None
    options: Mapping[str, object]
    assumptions: tuple[str, ...] = ()

    @property
    def devices(self) -> int:
        """Devices that hold one replica."""
        return self.tensor_parallel * self.pipeline_parallel


def case(serving: Serving, model: ModelPlan) -> Case:
    """`serving` with defaults: the engine's own where it is known."""
    engine = serving.engine.name if serving.engine else None
    tensor, pipeline, assumed = _layout(serving)
    context, from_model = _count(serving.context, LONGEST), ""
    if context is None and engine in REFUSES_LONG_CONTEXTS:
        context, from_model = model.max_context, f"context not stated: {engine} takes the model's own"
    replicas = _count(serving.data_parallel) or 1
    return Case(
        model,
        engine,
        serving.engine.version if serving.engine else None,
        context,
        -(-(_count(serving.concurrency) or 1) // replicas),
        kv_dtype(serving, model),
        tensor,
        pipeline,
        serving.hardware,
        serving.memory_utilization,
        serving.engine_args,
        tuple(note for note in (assumed, from_model if context else "") if note),
    )


def _count(value: int | None, most: int = MOST) -> int | None:
    """`value` where it counts something; rules say what is wrong with others."""
    return min(value, most) if value is not None and value > 0 else None


def _layout(serving: Serving) -> tuple[int, int, str]:
    """(tensor parallel, pipeline parallel, what was assumed). Unstated, all devices of a replica share the model."""
    tensor, pipeline = _count(serving.tensor_parallel), _count(serving.pipeline_parallel, MOST_STAGES)
    count = _count(serving.hardware.count) if serving.hardware else None
    if tensor is None and pipeline is None and count and count > 1:
        share = max(1, count // (_count(serving.data_parallel) or 1))
        return (
            share,
            1,
            f"tensor_parallel not stated: the {share} devices taken to share the model" if share > 1 else "",
        )
    return tensor or 1, pipeline or 1, ""


def kv_dtype(serving: Serving, model: ModelPlan) -> str:
    """dtype of the cache: as stated, else that of the model's activations (16 bit where weights are quantized)."""
    stated = dtype(serving.kv_cache_dtype) or _family(serving.kv_cache_dtype)
    if stated:
        return stated
    return model.dtype if model.dtype in ("float32", "float16", "bfloat16") else "bfloat16"


def _family(stated: str | None) -> str | None:
    """The dtype behind an engine's own name of a cache format: fp8_ds_mla, fp8_inc, int8_per_token_head, nvfp4 …"""
    written = (stated or "").lower()
    return next((name for prefix, name in FORMATS if written.startswith(prefix)), None)


class _Cache(NamedTuple):
    """Cache of one sequence. Bytes."""

    per_token: int
    state: int
    whole: int | None
    """At the stated context, whole model."""
    device: int | None
    """The same on the fullest device, as the engine lays it out."""
    device_low: int | None
    pages: Pages | None
    laid_out: bool
    """False where the engine's layout is not known: what it holds may be far less than its bytes allow."""


def work_out(case: Case) -> ServingPlan:
    """Every number of a deployment. Pure: rules compare them, reports show them."""
    weights = _weights_per_device(case)
    demand = _demand(case, weights[0] if weights else None)
    cache = _cache(case, demand)
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
        kv_capacity_tokens=_capacity(case, cache, available, concurrency),
        max_context_that_fits=_longest(case, cache, available, case.concurrency),
        max_concurrency=concurrency,
        equal_context=_equal_context(case, cache),
        fits=fits,
        fits_basis=basis,
        assumptions=(*case.assumptions, *demand.notes, *(() if cache is None or cache.laid_out else (NOT_LAID_OUT,))),
        sequence_bytes_low=cache.device_low if cache else None,
        paged=demand.paged,
        needed_bytes=_needed(case, demand, device, sequence),
    )


def _needed(case: Case, demand: Demand, device: DeviceMemory, sequence: int | None) -> int | None:
    """Memory of a device on which the deployment would just fit."""
    if device.weights is None or sequence is None:
        return None
    taken = demand.activation + demand.runtime + demand.graph
    cached = sequence * case.concurrency / demand.cache_share
    return int((device.weights + cached + taken) / demand.share) + 1


def _demand(case: Case, weights: int | None) -> Demand:
    from planner.memory.engines import Setup, demand

    hardware, model = case.hardware, case.model
    row = hardware.row if hardware and hardware.row else {}
    link, capability = row.get("link"), row.get("compute_capability")
    setup = Setup(
        version=case.version,
        shape=_shape(model.architecture) if model.architecture else None,
        context=case.context,
        concurrency=case.concurrency,
        dtype_bytes=_activation_bytes(model),
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
        weights_bytes=weights,
    )
    return demand(case.engine, setup)


def _activation_bytes(model: ModelPlan) -> int:
    return 4 if model.dtype == "float32" else 2


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


def _device(case: Case, demand: Demand, weights: tuple[int, int] | None, cache: _Cache | None) -> DeviceMemory:
    hardware = case.hardware
    usable = hardware.memory if hardware else None
    usable_max = hardware.memory_max if hardware else None
    budget = int(usable * demand.share) if usable is not None else None
    loaded = max(0, weights[0] + demand.loaded - demand.offload) if weights else None
    return DeviceMemory(
        usable=usable,
        usable_max=usable_max,
        budget=budget,
        budget_max=int(usable_max * demand.share) if usable_max is not None else None,
        weights=loaded,
        weights_low=max(0, weights[1] - demand.offload) if weights else None,
        kv_cache=None,
        activation=demand.activation,
        runtime=demand.runtime,
        graph=demand.graph,
        kv_available=_available(demand, usable, budget, loaded, cache),
    )


def _available(
    demand: Demand, usable: int | None, budget: int | None, loaded: int | None, cache: _Cache | None
) -> int | None:
    """Bytes of the cache: what the engine is told, else what weights and the engine's own parts leave."""
    told = demand.cache_bytes
    if demand.cache_blocks is not None and cache is not None and cache.pages is not None:
        told = cache.pages.blocks_bytes(demand.cache_blocks)
    if told is not None:
        budget = usable
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
    low = -(-(model.weights_low or 0) // devices)
    if devices == 1 or model.architecture is None or model.dtype is None:
        return -(-model.weights_bytes // devices), low
    from planner.memory.weights import per_device

    fullest, _ = per_device(model.architecture, model.dtype, model.scheme, case.tensor_parallel, case.pipeline_parallel)
    return max(fullest, low), low


def _cache(case: Case, demand: Demand) -> _Cache | None:
    architecture = case.model.architecture
    if architecture is None:
        return None
    from planner.memory import cache

    bits, own = DTYPE_BITS[case.kv_dtype], _activation_bytes(case.model)
    paging = demand.paging
    if paging is not None and paging.bits is not None:
        bits = int(paging.bits)
    state = cache.state_bytes(architecture, own)
    per_token = cache.bytes_per_token(architecture, bits)
    pages = _pages(case, demand)
    known = pages is not None or paging is None
    if case.context is None:
        return _Cache(per_token, state, None, None, None, pages, known)
    whole = cache.sequence_bytes(architecture, case.context, bits, own)
    if paging is not None and paging.spread:
        low = -(-whole // case.devices)
    else:
        rank = cache.sequence_bytes(architecture, case.context, bits, own, case.tensor_parallel)
        low = -(-rank // case.pipeline_parallel)
    device = pages.request_bytes(case.context) if pages else low
    return _Cache(per_token, state, whole, device, low, pages, known)


def _pages(case: Case, demand: Demand) -> Pages | None:
    """How the engine lays the cache out; None where it takes exactly what its tokens need, or in a way not known."""
    if case.model.architecture is None or demand.paging is None:
        return None
    from planner.memory.pages import pages

    return pages(
        case.model.architecture,
        DTYPE_BITS[case.kv_dtype],
        _activation_bytes(case.model),
        case.tensor_parallel,
        case.pipeline_parallel,
        demand.paging,
    )


def longest_context(case: Case, available: int | None, concurrency: int) -> int | None:
    """Tokens that each of `concurrency` sequences can hold in `available` bytes of the fullest device."""
    weights = _weights_per_device(case)
    return _longest(case, _cache(case, _demand(case, weights[0] if weights else None)), available, concurrency)


def _longest(case: Case, cache: _Cache | None, available: int | None, concurrency: int) -> int | None:
    architecture = case.model.architecture
    if architecture is None or cache is None or available is None:
        return None
    each = max(0, available) // max(1, concurrency)
    if cache.pages is not None:
        return cache.pages.longest(each)
    from planner.memory import cache as memory

    bits, own = DTYPE_BITS[case.kv_dtype], _activation_bytes(case.model)
    return memory.longest_context(architecture, each * case.pipeline_parallel, bits, own, case.tensor_parallel)


def _capacity(case: Case, cache: _Cache | None, available: int | None, concurrency: float | None) -> int | None:
    """Tokens that the cache holds in all, as the engine's log counts them."""
    if cache is None or available is None or not cache.laid_out:
        return None
    if cache.pages is not None:
        return cache.pages.tokens(available, case.context)
    if concurrency is not None and case.context:
        return int(concurrency * case.context)
    return _longest(case, cache, available, 1)


def _equal_context(case: Case, cache: _Cache | None) -> int | None:
    """Context at which the cache of one sequence weighs as much as the weights."""
    weights, architecture = case.model.weights_bytes, case.model.architecture
    if weights is None or architecture is None or cache is None or not cache.per_token:
        return None
    from planner.memory import cache as memory

    own = _activation_bytes(case.model)
    equal = memory.longest_context(architecture, weights, DTYPE_BITS[case.kv_dtype], own)
    return None if equal >= memory.LONGEST else equal


def _verdict(case: Case, demand: Demand, device: DeviceMemory, cache: _Cache | None) -> tuple[bool | None, str]:
    """Whether it fits, and how we know: proved by a lower bound above an upper bound, or predicted."""
    if device.budget_max is None or device.weights_low is None or device.kv_available is None:
        return None, "unknown"
    least = device.weights_low + ((cache.device_low or 0) if cache else 0)
    if least > device.budget_max:
        return False, "proved"
    if cache is None or cache.device is None:
        return None, "unknown"
    return cache.device * case.concurrency <= device.kv_available, "predicted"


def not_checked(case: Case, serving: Serving) -> tuple[NotChecked, ...]:
    """What keeps the verdict from being complete."""
    if case.hardware is None or case.hardware.memory is None:
        because = "no hardware is stated" if serving.hardware is None else "the accelerator's memory is not known"
        mend = "add `hardware: {accelerator: H100-80GB}`, a comment `# planner: hardware=H100-80GB:1`, or --hardware"
        return (NotChecked("serving", because, mend, "deployment.hardware"),)
    if case.model.architecture is None:
        because = "the KV cache cannot be computed from a parameter count alone"
        return (NotChecked("serving", because, "name a catalogue model, or add `architecture:`", "model"),)
    if case.context is None:
        return (NotChecked("serving", "no context is stated", "add `context: 8192`", "deployment"),)
    return ()
