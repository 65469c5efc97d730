"""Which device holds which tensor: tensor parallelism within a layer, pipeline stages over layers, as vLLM does it."""

from __future__ import annotations

from functools import lru_cache

from planner.model.stack import Layer, Tensor

_WHOLE = ("q_a_proj", "kv_a_proj_with_mqa", "wpe", "embed_positions")
"""Matrices that every rank holds: those that compress, and learned positions."""
_KEY_VALUE = ("k_proj", "v_proj")


def ways(tensor: Tensor, layer: Layer | None, tensor_parallel: int) -> int:
    """Over how many tensor-parallel ranks a tensor is split; the others hold copies.

    Matrices are split over all ranks, keys and values as far as there are KV heads; norms, biases, routers, indexers
    and the compressing matrices of latent attention are not.
    """
    if tensor.kind in ("norm", "router", "bias") or tensor.name.endswith(_WHOLE) or "indexer" in tensor.name:
        return 1
    if layer is not None and layer.kv_heads and tensor.name.endswith(_KEY_VALUE):
        return min(tensor_parallel, layer.kv_heads)
    return tensor_parallel


@lru_cache(maxsize=256)
def stages(layers: int, pipeline: int) -> tuple[int, ...]:
    """The pipeline stage of each layer; those left over go before the last stage (vLLM get_pp_indices)."""
    counts = [layers // pipeline] * pipeline
    for extra in range(layers % pipeline):
        counts[-2 - extra] += 1
    return tuple(stage for stage, count in enumerate(counts) for _ in range(count))


def holders(tensor: Tensor, stage: int | None, tied: bool, pipeline: int) -> tuple[int, ...]:
    """Stages that hold a tensor: `stage` if it is a layer's; else embeddings stand first, head and final norm last."""
    last = pipeline - 1
    if stage is not None:
        return (stage,)
    if tensor.kind == "embedding" and tied and last:
        return (0, last)
    return (last,) if tensor.kind in ("head", "norm") or tensor.name.startswith("lm_head") else (0,)
