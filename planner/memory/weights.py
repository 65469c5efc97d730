"""Bytes of a model's weights, tensor by tensor, and how devices share them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from planner.memo import by_both
from planner.model.quantization.storage import Storage, bits_per_weight, plain, tensor_bytes
from planner.model.stack import PARTS, Architecture, Tensor, counted
from planner.record import NamedTuple
from planner.units import DTYPE_BITS

if TYPE_CHECKING:
    from planner.model.quantization.scheme import Scheme

FLOATS = frozenset({"float64", "float32", "float16", "bfloat16"})
"""What a quantized checkpoint can keep its other tensors in."""
_DENSE = frozenset({"linear"})


class Weights(NamedTuple):
    """Bytes of a model's weights."""

    total: int
    by_part: Mapping[str, int]
    """By `planner.model.stack.PARTS`; they sum to `total`."""
    notes: tuple[str, ...]
    low: int
    """Lower bound: below `total` where the scheme leaves open what it does to some tensors."""


class Placed(NamedTuple):
    """One tensor where it stands."""

    tensor: Tensor
    layer: int | None
    """None: outside of the decoder's layers."""
    size: int
    """Bytes of all its copies."""


def weights(architecture: Architecture, dtype: str, scheme: Scheme | None = None, stored: bool = False) -> Weights:
    """Bytes of a checkpoint's tensors as transformers or vLLM load them: without what they leave on disk.

    Left on disk are layers for predicting further tokens and heads that repeat a tied embedding; `stored` counts them.
    Not counted is what an engine adds while loading: tables of rotary positions, padding, copies for its kernels.
    """
    parts = dict.fromkeys(PARTS, 0)
    for found, count in distinct(architecture, dtype, scheme, stored):
        parts[found.tensor.part] += found.size * count
    total = sum(parts.values())
    low = _low(architecture, dtype, scheme, stored) if scheme is not None and _doubtful(architecture, scheme) else total
    return Weights(total, parts, _notes(architecture, dtype, scheme), low)


def _doubtful(architecture: Architecture, scheme: Scheme) -> bool:
    return scheme.experts_in_doubt and any(layer.experts for layer in architecture.layers)


def _low(architecture: Architecture, dtype: str, scheme: Scheme, stored: bool) -> int:
    """The lighter of both readings of routed experts."""
    readings = (scheme._replace(kinds=kinds) for kinds in (_DENSE, _DENSE | {"expert"}))
    read = (distinct(architecture, dtype, each, stored) for each in readings)
    return min(sum(found.size * count for found, count in tensors) for tensors in read)


def _notes(architecture: Architecture, dtype: str, scheme: Scheme | None) -> tuple[str, ...]:
    if scheme is None:
        plainly = f"dtype {dtype} without a quantization: every parameter at {DTYPE_BITS[dtype]} bits, no scales"
        return () if dtype in FLOATS else (plainly,)
    if not _doubtful(architecture, scheme):
        return scheme.notes
    reading = "as quantized" if "expert" in scheme.kinds else "in 16 bit"
    why = "transformers ≥ 5 leaves fused experts in 16 bit, other loaders quantize them"
    return (*scheme.notes, f"routed experts counted {reading}: {why}")


def weights_of_count(parameters: int, dtype: str, scheme: Scheme | None = None) -> int:
    """Bytes by size alone: parameters × bits / 8, the bits of a quantized weight where there is a scheme.

    A model of unknown shape cannot be told apart into what is quantized and what is not; `notes_of_count` says so.
    """
    bits = DTYPE_BITS[dtype] if scheme is None else _typical_bits(scheme)
    return ceil(parameters * bits / 8)


def notes_of_count(scheme: Scheme | None) -> tuple[str, ...]:
    """What `weights_of_count` passes over."""
    if scheme is None:
        return ()
    bits = f"{_typical_bits(scheme):.4g}"
    return (f"all parameters at {bits} bits: without an architecture, embeddings cannot be told apart",)


def _typical_bits(scheme: Scheme) -> float:
    if scheme.mix:
        from planner.model.quantization.gguf.typical import typical_bits

        return typical_bits(scheme.mix)
    storage = scheme.storage or scheme.experts
    return bits_per_weight(storage) if storage else 16


def placed(
    architecture: Architecture, dtype: str, scheme: Scheme | None = None, stored: bool = False
) -> Iterator[Placed]:
    """Every tensor with its place and its bytes."""
    if scheme is not None and scheme.mix:
        from planner.model.quantization.gguf import layout

        for tensor, index, storage in layout.stored(architecture, scheme.mix, scheme.matrix):
            yield Placed(tensor, index, tensor_bytes(storage, tensor))
        return
    base, varies = plain(_base(architecture, dtype, scheme)), False
    if scheme is not None:
        from planner.model.quantization.scheme import applied, depends_on_layer

        scheme = applied(scheme, architecture)
        varies = depends_on_layer(scheme)
    for tensor in (*architecture.outside, *(architecture.stored_only if stored else ())):
        yield Placed(tensor, None, _size(tensor, None, base, scheme))
    known: dict[int, tuple[int, ...]] = {}
    for number, layer in enumerate(architecture.layers):
        if varies or id(layer) not in known:
            known[id(layer)] = tuple(_size(tensor, number, base, scheme) for tensor in layer.tensors)
        for tensor, size in zip(layer.tensors, known[id(layer)], strict=True):
            yield Placed(tensor, number, size)


def distinct(
    architecture: Architecture, dtype: str, scheme: Scheme | None = None, stored: bool = False
) -> Sequence[tuple[Placed, int]]:
    """The tensors of each distinct layer and how many layers are like it; of all where a scheme tells them apart."""
    return _distinct(architecture, scheme, dtype, stored)


@by_both
def _distinct(
    architecture: Architecture, scheme: Scheme | None, dtype: str, stored: bool
) -> Sequence[tuple[Placed, int]]:
    if scheme is not None and scheme.mix:
        from planner.model.quantization.gguf import layout

        mixed = layout.distinct(architecture, scheme.mix, scheme.matrix)
        return [(Placed(tensor, index, tensor_bytes(how, tensor)), count) for tensor, index, how, count in mixed]
    if scheme is not None:
        from planner.model.quantization.scheme import applied, depends_on_layer

        scheme = applied(scheme, architecture)
        if depends_on_layer(scheme):
            return [(found, 1) for found in placed(architecture, dtype, scheme, stored)]
    return list(_of_each_kind(architecture, dtype, scheme, stored))


def _of_each_kind(
    architecture: Architecture, dtype: str, scheme: Scheme | None, stored: bool
) -> Iterator[tuple[Placed, int]]:
    base = plain(_base(architecture, dtype, scheme))
    for tensor in (*architecture.outside, *(architecture.stored_only if stored else ())):
        yield Placed(tensor, None, _size(tensor, None, base, scheme)), 1
    for layer, count, number in counted(architecture.layers):
        for tensor in layer.tensors:
            yield Placed(tensor, number, _size(tensor, number, base, scheme)), count


def bytes_of(tensors: Iterable[Tensor], architecture: Architecture, dtype: str, scheme: Scheme | None) -> int:
    """Bytes of tensors outside the decoder's layers, as the checkpoint of `architecture` stores them."""
    base = plain(_base(architecture, dtype, scheme))
    return sum(_size(tensor, None, base, scheme) for tensor in tensors)


def _base(architecture: Architecture, dtype: str, scheme: Scheme | None) -> str:
    """The dtype of what is not quantized."""
    if scheme is None or dtype in FLOATS:
        return dtype
    return architecture.dtype if architecture.dtype in FLOATS else "bfloat16"


def _size(tensor: Tensor, layer: int | None, base: Storage, scheme: Scheme | None) -> int:
    if scheme is None:
        return tensor_bytes(base, tensor)
    from planner.model.quantization.scheme import storage_of

    return tensor_bytes(storage_of(scheme, tensor, layer) or base, tensor)


def per_device(
    architecture: Architecture, dtype: str, scheme: Scheme | None, tensor_parallel: int, pipeline_parallel: int = 1
) -> tuple[int, int]:
    """(bytes on the fullest device as vLLM lays weights out, lower bound of any layout: total / devices)."""
    return _per_device(architecture, scheme, dtype, tensor_parallel, pipeline_parallel)


@by_both
def _per_device(
    architecture: Architecture, scheme: Scheme | None, dtype: str, tensor_parallel: int, pipeline_parallel: int
) -> tuple[int, int]:
    if pipeline_parallel == 1:
        fullest, total = _one_stage(architecture, scheme, dtype, tensor_parallel)
    else:
        fullest, total = _of_stages(architecture, scheme, dtype, tensor_parallel, pipeline_parallel)
    if scheme is not None and _doubtful(architecture, scheme):
        total = _low(architecture, dtype, scheme, stored=False)
    return fullest, -(-total // (tensor_parallel * pipeline_parallel))


def _one_stage(architecture: Architecture, scheme: Scheme | None, dtype: str, tensor_parallel: int) -> tuple[int, int]:
    """(bytes on each device, bytes in all) where every device has a share of every layer."""
    from planner.memory.shards import ways

    filled = total = 0
    for found, count in distinct(architecture, dtype, scheme):
        layer = None if found.layer is None else architecture.layers[found.layer]
        filled += ceil(found.size / ways(found.tensor, layer, tensor_parallel)) * count
        total += found.size * count
    return filled, total


def _of_stages(
    architecture: Architecture, scheme: Scheme | None, dtype: str, tensor_parallel: int, pipeline_parallel: int
) -> tuple[int, int]:
    """(bytes on a device of the fullest stage, bytes in all)."""
    from planner.memory.shards import holders, stages, ways

    owner = stages(len(architecture.layers), pipeline_parallel)
    filled, total = [0] * pipeline_parallel, 0
    for found in placed(architecture, dtype, scheme):
        total += found.size
        layer = None if found.layer is None else architecture.layers[found.layer]
        stage = None if found.layer is None else owner[found.layer]
        share = ceil(found.size / ways(found.tensor, layer, tensor_parallel))
        for holder in holders(found.tensor, stage, architecture.tied, pipeline_parallel):
            filled[holder] += share
    return max(filled), total
