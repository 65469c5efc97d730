"""A deployment with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.units import dtype

if TYPE_CHECKING:
    from planner.model.stack import Architecture
    from planner.plan.speculative import Draft
    from planner.plan.types import ModelPlan
    from planner.workload import Hardware, Serving

REFUSES_LONG_CONTEXTS = frozenset({"vllm"})
"""Engines that do not start when one sequence at the model's full context has no room in the cache."""
SHARE_EXPERTS = frozenset({"vllm"})
"""Engines whose data-parallel replicas split routed experts among them (docs.vllm.ai, data parallel deployment)."""
DRAFT = frozenset({"vllm", "sglang"})
"""Engines whose options for speculative decoding are known."""
MOST, MOST_STAGES, LONGEST = 1 << 24, 1 << 12, 1 << 40
"""Beyond any number of devices or sequences, of pipeline stages, and any context."""
FORMATS = (("fp8", "float8"), ("int8", "int8"), ("nvfp4", "float4"), ("fp4", "float4"), ("int4", "int4"))
"""Prefixes of the engines' own names of cache formats, and the dtype of an element."""

PACKED = {"fp8_ds_mla": 656 * 8 / 576, "nvfp4": 4.5}
"""Bits of an element with what a format stores beside it: 512 bytes, four float32 scales and 64 elements of rope in
bfloat16 for 576 elements (vllm/v1/attention/backends/mla/flashmla_sparse.py); a byte for 16 elements of NVFP4."""


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
    expert_ways: int = 1
    """Replicas that share one set of routed experts."""
    draft: Draft | None = None
    """Of speculative decoding."""
    packed_bits: float | None = None
    """Of an element of the cache, where its format has more than its dtype says."""

    @property
    def devices(self) -> int:
        """Devices that hold one replica."""
        return self.tensor_parallel * self.pipeline_parallel

    @property
    def architecture(self) -> Architecture | None:
        """The model's shape, with states as the engine keeps them."""
        from planner.memory.engines.states import held

        architecture = self.model.architecture
        return architecture and held(architecture, self.engine, self.version, self.options)


def case(serving: Serving, model: ModelPlan) -> Case:
    """`serving` with defaults: the engine's own where it is known."""
    engine = serving.engine.name if serving.engine else None
    tensor, pipeline, assumed = _layout(serving)
    context, from_model = _count(serving.context, LONGEST), ""
    if context is None and engine in REFUSES_LONG_CONTEXTS and serving.engine_args.get("max_model_len") != "auto":
        context, from_model = model.max_context, f"context not stated: {engine} takes the model's own"
    if context is None and engine == "ollama":
        context, from_model = _of_ollama(serving, model)
    replicas = _count(serving.data_parallel) or 1
    drafted = _draft(serving, model, tensor) if engine in DRAFT else None
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
        _share(serving.memory_utilization),
        serving.engine_args,
        tuple(note for note in (assumed, from_model if context else "", drafted.note if drafted else "") if note),
        replicas if engine in SHARE_EXPERTS else 1,
        drafted,
        PACKED.get((serving.kv_cache_dtype or "").lower()),
    )


def _of_ollama(serving: Serving, model: ModelPlan) -> tuple[int | None, str]:
    """Ollama's own context goes by the memory of all devices; None where that is not known."""
    hardware = serving.hardware
    if hardware is None or hardware.memory is None:
        return None, ""
    from planner.memory.engines.llama_cpp import default_context

    own = default_context(hardware.memory * (_count(hardware.count) or 1))
    context = min(own, model.max_context or own)
    return context, f"context not stated: {context:,} tokens, Ollama's default for this much memory"


def _draft(serving: Serving, model: ModelPlan, tensor_parallel: int) -> Draft | None:
    if not any(key.startswith("spec") for key in serving.engine_args):
        return None
    from planner.plan.speculative import draft

    return draft(serving.engine_args, model, tensor_parallel)


def _count(value: int | None, most: int = MOST) -> int | None:
    """`value` where it counts something; rules say what is wrong with others."""
    return min(value, most) if value is not None and value > 0 else None


def _share(value: float | None) -> float | None:
    """`value` where it is a share of something."""
    return value if value is not None and 0 < value <= 1 else None


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
    stated = cache_dtype(serving.kv_cache_dtype)
    if stated:
        return stated
    return model.dtype if model.dtype in ("float32", "float16", "bfloat16") else "bfloat16"


def cache_dtype(stated: str | None) -> str | None:
    """The dtype that `stated` is or that is behind an engine's own name of a cache format: fp8_ds_mla, fp8_inc, nvfp4 …

    None for what is neither, "auto" too.
    """
    if not stated:
        return None
    written = stated.lower()
    return dtype(stated) or next((name for prefix, name in FORMATS if written.startswith(prefix)), None)
