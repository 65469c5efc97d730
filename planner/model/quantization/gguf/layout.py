"""A GGUF mix laid over a model: the type of every tensor, in the order in which llama.cpp's quantizer meets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from planner.model.quantization.gguf import roles
from planner.model.quantization.gguf.mix import BASE, LOW, NEEDS_MATRIX, Place, Shape, choose
from planner.model.quantization.gguf.types import BLOCKS, fitting, storage
from planner.model.quantization.storage import Storage
from planner.model.stack import Architecture, Layer, Tensor

LAYERS_OF_70B = {"llama": 80, "mistral": 80, "qwen2": 80, "olmo": 80, "apertus": 80, "nemotron-nas": 80, "jais2": 68}
"""Layers at which llama.cpp calls a model of that type 70B (src/models, LLM_TYPE_70B)."""


def shape_of(architecture: Architecture, matrix: bool = False) -> Shape:
    """What the choice of types depends on; `matrix`: there is an importance matrix."""
    first = next((layer for layer in architecture.layers if layer.kv_heads), None)
    groups = first.query_heads // first.kv_heads if first else 0
    seventy = LAYERS_OF_70B.get(architecture.model_type) == len(architecture.layers) and groups > 1
    return Shape(
        layers=len(architecture.layers),
        groups=groups,
        experts=max((layer.experts for layer in architecture.layers), default=0),
        falcon=architecture.model_type == "falcon",
        matrix=matrix,
        microscaled=architecture.model_type == "gpt_oss",
        seventy=seventy,
        tied=architecture.tied and not any(tensor.kind == "head" for tensor in architecture.stored_only),
    )


def stored(
    architecture: Architecture, mix: str, matrix: bool | None = None
) -> Iterator[tuple[Tensor, int | None, Storage]]:
    """(tensor, its layer or None, how it is stored) of a model's GGUF file.

    `matrix`: an importance matrix was used; None = only where the mix cannot be made without one.

    A head that the released checkpoint stores beside its tied embedding is in the file, too.
    """
    shape = shape_of(architecture, mix in NEEDS_MATRIX if matrix is None else matrix)
    heads = tuple(tensor for tensor in architecture.stored_only if tensor.kind == "head" and architecture.tied)
    for tensor in (*architecture.outside, *heads):
        yield tensor, None, storage(_outside(mix, tensor, shape))
    split = architecture.model_type in roles.SPLIT_ON_CONVERSION
    values = sum(roles.role_of(tensor) == roles.VALUE for layer in architecture.layers for tensor in layer.tensors)
    counted = frozenset({roles.VALUE}) if shape.experts > 1 and mix not in LOW else None
    met: Counter[str] = Counter()
    for index, layer in enumerate(architecture.layers):
        for tensor in _converted(layer, split):
            role = roles.role_of(tensor)
            place = Place(
                met[role] if counted is None or role in counted else index,
                values if role == roles.VALUE else shape.layers,
                tensor.shape[-1],
            )
            met[role] += 1
            yield tensor, index, storage(_type(mix, tensor, role, shape, place))


def _outside(mix: str, tensor: Tensor, shape: Shape) -> str:
    """Towers and projectors stand in a file of their own (mmproj), their matrices in 16 bit."""
    role = roles.KEPT if tensor.part == "other" else roles.role_of(tensor)
    return _type(mix, tensor, role, shape, Place(0, 1, tensor.shape[-1]))


def _type(mix: str, tensor: Tensor, role: str, shape: Shape, place: Place) -> str:
    if role == roles.KEPT:
        return roles.untouched_type(tensor)
    if tensor.kind == "expert" and (mix == "MXFP4_MOE" or shape.microscaled):
        return fitting("MXFP4", place.columns)
    return fitting(choose(mix, role, shape, place, BLOCKS[BASE[mix]][0]), place.columns)


def _converted(layer: Layer, split: bool) -> Iterator[Tensor]:
    """A layer's tensors as the converter writes them: latent keys and values apart, some fused matrices, too."""
    for tensor in layer.tensors:
        if tensor.name.endswith("kv_b_proj") and len(tensor.shape) == 2:
            yield from _latent(layer, tensor)
        elif split and roles.role_of(tensor) == roles.VALUE and layer.kv_heads:
            yield from _fused(layer, tensor)
        else:
            yield tensor


def _latent(layer: Layer, tensor: Tensor) -> Iterator[Tensor]:
    """Keys are transposed: their rows are as long as a head's part without positions, which 256 seldom divides."""
    rows, rank = tensor.shape
    compressed = next((t for t in layer.tensors if t.name.endswith("kv_a_proj_with_mqa")), None)
    rope = compressed.shape[0] - rank if compressed else 0
    nope = layer.head_dim - rope
    keys = nope * layer.query_heads
    if not 0 < keys < rows:
        yield tensor
        return
    yield tensor._replace(name="self_attn.k_b_proj", shape=(rank * layer.query_heads, nope))
    yield tensor._replace(name="self_attn.v_b_proj", shape=(rows - keys, rank))


def _fused(layer: Layer, tensor: Tensor) -> Iterator[Tensor]:
    rows, columns = tensor.shape
    each = rows // (layer.query_heads + 2 * layer.kv_heads)
    yield tensor._replace(name="attn.q_proj", shape=(rows - 2 * each * layer.kv_heads, columns))
    yield tensor._replace(name="attn.k_proj", shape=(each * layer.kv_heads, columns))
    yield tensor._replace(name="attn.v_proj", shape=(each * layer.kv_heads, columns))
