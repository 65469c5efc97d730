"""A layer as llama.cpp's converter (convert_hf_to_gguf.py) writes it: some tensors taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.memo import by_identity
from planner.model.quantization.gguf import roles
from planner.model.stack import Layer, Tensor


@by_identity
def converted(layer: Layer, model_type: str) -> Sequence[tuple[Tensor, str]]:
    """The tensors that the converter writes for a layer of such a model, with their roles."""
    split = model_type in roles.SPLIT_ON_CONVERSION
    return [(tensor, roles.role_of(tensor)) for tensor in _written(layer, split)]


@by_identity
def placed(layer: Layer, model_type: str) -> Sequence[tuple[Tensor, str]]:
    """Those of `converted` whose type goes by where they stand."""
    return [(tensor, role) for tensor, role in converted(layer, model_type) if role in roles.PLACED]


def _written(layer: Layer, split: bool) -> Iterator[Tensor]:
    """Latent keys and values are written apart, some fused matrices, too."""
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
