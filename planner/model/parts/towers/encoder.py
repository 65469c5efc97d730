"""Transformer encoders of images and sound, and what stands before and behind them."""

from __future__ import annotations

from collections.abc import Iterable

from planner.model.parts.basic import linear, norm
from planner.model.stack import Tensor
from planner.record import NamedTuple

PART = "other"


class Blocks(NamedTuple):
    """Equal layers of attention and a feed-forward network."""

    width: int
    ffn: int
    depth: int
    query: int = 0
    """Elements of all query heads; 0 = the width."""
    kv: int = 0
    """Elements of all key heads; 0 = as the queries."""
    gated: bool = False
    fused: bool = False
    """Query, key and value in one matrix."""
    qkv_bias: bool = True
    key_bias: bool = True
    """False: only query and value have one (Whisper)."""
    out_bias: bool = True
    ffn_bias: bool = True
    norm_bias: bool = True
    head_norm: int = 0
    """Width of the norms of queries and of keys."""
    norms: tuple[str, ...] = ("layer_norm1", "layer_norm2")
    scales: int = 0
    """Learned factors of width elements."""


def repeated(tensors: Iterable[Tensor], depth: int) -> tuple[Tensor, ...]:
    """The same tensors in each of `depth` layers."""
    return tuple(tensor._replace(copies=depth) for tensor in tensors) if depth else ()


def blocks(prefix: str, shape: Blocks) -> tuple[Tensor, ...]:
    """All layers: per layer (2·q + 2·k)·h and 2·h·I or 3·h·I, with biases and norms."""
    each = (
        *_attention(f"{prefix}.attn" if shape.fused else f"{prefix}.self_attn", shape),
        *_feed_forward(f"{prefix}.mlp", shape),
        *(t for name in shape.norms for t in norm(f"{prefix}.{name}", shape.width, shape.norm_bias)),
        *(Tensor(f"{prefix}.lambda_{index + 1}", (shape.width,), PART, "norm") for index in range(shape.scales)),
    )
    return repeated(each, shape.depth)


def _attention(prefix: str, shape: Blocks) -> tuple[Tensor, ...]:
    width, query = shape.width, shape.query or shape.width
    key, bias = shape.kv or query, shape.qkv_bias
    head = shape.head_norm
    norms = (*norm(f"{prefix}.q_norm", head), *norm(f"{prefix}.k_norm", head)) if head else ()
    if shape.fused:
        rows = linear(f"{prefix}.qkv", width, query + 2 * key, PART, bias)
        return (*rows, *linear(f"{prefix}.proj", query, width, PART, shape.out_bias), *norms)
    return (
        *linear(f"{prefix}.q_proj", width, query, PART, bias),
        *linear(f"{prefix}.k_proj", width, key, PART, bias and shape.key_bias),
        *linear(f"{prefix}.v_proj", width, key, PART, bias),
        *linear(f"{prefix}.out_proj", query, width, PART, shape.out_bias),
        *norms,
    )


def _feed_forward(prefix: str, shape: Blocks) -> tuple[Tensor, ...]:
    rising, falling = (("gate_proj", "up_proj"), "down_proj") if shape.gated else (("fc1",), "fc2")
    return (
        *(t for name in rising for t in linear(f"{prefix}.{name}", shape.width, shape.ffn, PART, shape.ffn_bias)),
        *linear(f"{prefix}.{falling}", shape.ffn, shape.width, PART, shape.ffn_bias),
    )


def patches(name: str, width: int, inputs: int, bias: bool = True) -> tuple[Tensor, ...]:
    """A convolution that reads each patch of `inputs` values once."""
    return linear(name, inputs, width, PART, bias, "conv")


def table(name: str, rows: int, width: int) -> tuple[Tensor, ...]:
    """Learned rows: positions, classes, tiles."""
    return (Tensor(name, (rows, width), PART, "other"),) if rows else ()


def layer_norm(name: str, width: int) -> tuple[Tensor, ...]:
    """A norm with scale and shift."""
    return norm(name, width, True)


def chain(prefix: str, names: tuple[str, ...], widths: tuple[int, ...], bias: bool = True) -> tuple[Tensor, ...]:
    """Matrices one after the other, from `widths[0]` to `widths[-1]` elements."""
    steps = zip(names, widths[:-1], widths[1:], strict=True)
    path = f"{prefix}." if prefix else ""
    return tuple(t for name, before, after in steps for t in linear(path + name, before, after, PART, bias))


def pooling_head(prefix: str, width: int, ffn: int) -> tuple[Tensor, ...]:
    """SigLIP's head: one learned query attends to all patches (Zhai et al. 2023)."""
    return (
        *table(f"{prefix}.probe", 1, width),
        *linear(f"{prefix}.attention.in_proj", width, 3 * width, PART, True),
        *linear(f"{prefix}.attention.out_proj", width, width, PART, True),
        *layer_norm(f"{prefix}.layernorm", width),
        *chain(f"{prefix}.mlp", ("fc1", "fc2"), (width, ffn, width)),
    )
