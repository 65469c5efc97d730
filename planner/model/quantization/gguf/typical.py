"""Bits per weight of a GGUF mix where only a model's size is known."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from planner.model.quantization.gguf.layout import stored
from planner.model.quantization.storage import tensor_bytes
from planner.model.stack import Architecture, Layer, Tensor

HIDDEN, WIDTH, VOCAB, KEYS, LAYERS = 4096, 14336, 32000, 1024, 32
"""A decoder of 7.2B with grouped queries, the shape of Mistral-7B, near to all from 7B to 70B."""


@lru_cache(maxsize=4)
def typical_bits(mix: str) -> float:
    """Bits per weight of all tensors of a usual decoder."""
    architecture = _usual()
    size = weights = 0
    for tensor, _, storage in stored(architecture, mix):
        size += tensor_bytes(storage, tensor)
        weights += prod(tensor.shape) * tensor.copies
    return 8 * size / weights


def _usual() -> Architecture:
    shapes = {
        "attention": {
            "q_proj": (HIDDEN, HIDDEN),
            "k_proj": (KEYS, HIDDEN),
            "v_proj": (KEYS, HIDDEN),
            "o_proj": (HIDDEN, HIDDEN),
        },
        "ffn": {"gate_proj": (WIDTH, HIDDEN), "up_proj": (WIDTH, HIDDEN), "down_proj": (HIDDEN, WIDTH)},
    }
    tensors = tuple(Tensor(name, shape, part) for part, named in shapes.items() for name, shape in named.items())
    layer = Layer("full", "gated", tensors, query_heads=32, kv_heads=8, head_dim=128, ffn_width=WIDTH)
    outside = tuple(Tensor(kind, (VOCAB, HIDDEN), "embedding", kind) for kind in ("embedding", "head"))
    return Architecture("llama", HIDDEN, VOCAB, (layer,) * LAYERS, outside)
