"""What weights take beyond the checkpoint's tensors once vLLM or SGLang, which share their layers, has loaded them."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.memory.shards import ways
from planner.memory.weights import placed
from planner.model.quantization.storage import plain, tensor_bytes
from planner.model.stack import counted

if TYPE_CHECKING:
    from planner.memory.engines import Setup
    from planner.model.stack import Architecture, Layer

MIB = 1 << 20
FUSED = (
    ("q_proj", "qkv"), ("k_proj", "qkv"), ("v_proj", "qkv"), ("gate_proj", "gate_up"), ("up_proj", "gate_up"),
    ("w1", "gate_up"), ("w3", "gate_up"),
)  # fmt: skip
"""Matrices that vLLM keeps as one."""
LATENT_SINCE = (0, 7)
EXPERTS_ALIGNED = (256, 128)
"""Multiples to which hidden size and expert width are padded for MXFP4 (mxfp4.py, the Marlin and Hopper paths)."""


def allocated(size: int) -> int:
    """Bytes that PyTorch's caching allocator counts for a tensor of `size` bytes.

    From 10 MiB on, segments are multiples of 2 MiB and what is left over is split off only above 1 MiB
    (c10/cuda/CUDACachingAllocator.cpp, get_allocation_size and should_split).
    """
    rounded = -(-size // 512) * 512
    if rounded < 10 * MIB:
        return rounded
    segment = -(-rounded // (2 * MIB)) * 2 * MIB
    return segment if segment - rounded <= MIB else rounded


def extra_bytes(setup: Setup) -> int:
    """Bytes per device beyond its share of the checkpoint: rotary tables, the allocator's rounding, copies, padding."""
    architecture = setup.architecture
    tables = setup.rotary_elements * setup.dtype_bytes
    if architecture is None:
        return tables
    return tables + (_of_layers(setup, architecture) + lora_bytes(setup, architecture)) // setup.pipeline_parallel


def _of_layers(setup: Setup, architecture: Architecture) -> int:
    extra = 0 if setup.scheme else _rounding(setup, architecture)
    if (setup.version or LATENT_SINCE) >= LATENT_SINCE:
        extra += _absorbed(setup, architecture)
    if setup.scheme is not None and setup.scheme.method == "mxfp4":
        extra += _padded_experts(setup, architecture)
    return extra


def _rounding(setup: Setup, architecture: Architecture) -> int:
    """What the allocator adds to the matrices of all layers."""
    return sum(
        count * _rounding_of(layer, setup.dtype, setup.tensor_parallel)
        for layer, count, _ in counted(architecture.layers)
    )


@by_identity
def _rounding_of(layer: Layer, dtype: str, ranks: int) -> int:
    """The same of one layer on one rank; all experts of a layer are one tensor."""
    sizes: dict[str, int] = {}
    for tensor in layer.tensors:
        name = next((f"{tensor.kind} {to}" for end, to in FUSED if tensor.name.endswith(end)), tensor.name)
        share = ceil(tensor_bytes(plain(dtype), tensor) / ways(tensor, layer, ranks))
        sizes[name] = sizes.get(name, 0) + share
    return sum(allocated(size) - size for size in sizes.values())


def _absorbed(setup: Setup, architecture: Architecture) -> int:
    """Up-projections of latent attention, kept once more, unquantized, for decoding (MLACommonImpl)."""
    elements = sum(
        count * tensor.shape[0] * tensor.shape[1]
        for layer, count, _ in counted(architecture.layers)
        for tensor in layer.tensors
        if layer.mixer == "latent" and tensor.name.endswith("kv_b_proj")
    )
    return elements // setup.tensor_parallel * setup.dtype_bytes


def _padded_experts(setup: Setup, architecture: Architecture) -> int:
    """What padding adds to experts in MXFP4."""
    hidden_to, width_to = EXPERTS_ALIGNED
    hidden = -(-architecture.hidden_size // hidden_to) * hidden_to
    extra = 0
    for each in placed(architecture, setup.dtype, setup.scheme):
        if each.tensor.kind == "expert" and each.layer is not None:
            width = -(-architecture.layers[each.layer].ffn_width // setup.tensor_parallel)
            padded = hidden * (-(-width // width_to) * width_to) / (architecture.hidden_size * width)
            extra += int(each.size / setup.tensor_parallel * (padded - 1))
    return extra


def lora_bytes(setup: Setup, architecture: Architecture) -> int:
    """Slots for adapters: `max_loras` × rank × (in + out) of every matrix that can have one (vllm/lora/layers).

    Of the two halves of an adapter one is sharded as its matrix is, the other on every rank.
    """
    options = setup.options
    if options.get("enable_lora") is not True:
        return 0
    slots, rank = _count(options, "max_loras", 1), _count(options, "max_lora_rank", 16)
    sides = sum(
        count * sum(tensor.shape) * (tensor.copies if tensor.kind == "expert" else 1)
        for layer, count, _ in counted(architecture.layers)
        for tensor in layer.tensors
        if tensor.kind in ("linear", "expert") and len(tensor.shape) == 2
    )
    ranks = setup.tensor_parallel
    whole = slots * rank * sides * setup.dtype_bytes
    return whole // ranks if options.get("fully_sharded_loras") is True else whole * (ranks + 1) // (2 * ranks)


def _count(options: Mapping[str, object], key: str, default: int) -> int:
    value = options.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 20 else default
