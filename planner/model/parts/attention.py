"""Attention whose queries share key and value heads in groups: MHA, GQA and MQA are one formula.

Parameters h·a·d + h·k·(d + v) + a·v·h for a query heads and k KV heads of sizes d and v (Ainslie et al. 2023, GQA).
"""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import Mixer
from planner.model.stack import Cache, Tensor
from planner.record import NamedTuple


class Heads(NamedTuple):
    """Attention heads."""

    query: int
    kv: int
    size: int
    """Elements of a query and a key."""
    value_size: int = 0
    """Elements of a value; 0 = as the key."""

    @property
    def value(self) -> int:
        """Elements of a value."""
        return self.value_size or self.size


class Names(NamedTuple):
    """What checkpoints call the matrices."""

    prefix: str = "self_attn"
    query: str = "q_proj"
    key: str = "k_proj"
    value: str = "v_proj"
    out: str = "o_proj"
    fused: str = ""
    """Name of query, key and value in one matrix."""


SPLIT = Names()


class Options(NamedTuple):
    """What an attention has beside its four matrices."""

    bias: bool = False
    """Of query, key and value."""
    out_bias: bool = False
    norm: str = ""
    """Norms of queries and keys: "" none, "head" one that all heads share, "heads" one over all of them."""
    norm_bias: bool = False
    gate: int = 0
    """Rows that a gate on the output adds to the query projection or stands in a matrix of its own."""
    gate_bias: bool = False
    sinks: bool = False
    """A learned logit per head that takes attention nowhere."""
    names: Names = SPLIT


PLAIN = Options()


def cache(heads: Heads, kind: str = "full", window: int | None = None) -> Cache:
    """Key and value of every token, or of the last `window` tokens."""
    return Cache(heads.kv, heads.size + heads.value, window, kind=kind)


def grouped(
    hidden: int, heads: Heads, options: Options = PLAIN, kind: str = "full", window: int | None = None
) -> Mixer:
    """Attention with a cache of its own; `window` bounds what it keeps ("sliding" or "chunked")."""
    return Mixer(
        kind,
        (*projections(hidden, heads, options), *head_norms(heads, options), *extras(hidden, heads, options)),
        (cache(heads, kind, window),),
        query_heads=heads.query,
        head_dim=heads.size,
        kv_heads=heads.kv,
    )


def projections(hidden: int, heads: Heads, options: Options = PLAIN) -> tuple[Tensor, ...]:
    """Query, key, value and output matrices."""
    names, bias = options.names, options.bias
    path = f"{names.prefix}." if names.prefix else ""
    query, key, value = heads.query * heads.size, heads.kv * heads.size, heads.kv * heads.value
    out = linear(path + names.out, heads.query * heads.value, hidden, "attention", options.out_bias)
    if names.fused:
        return (*linear(path + names.fused, hidden, query + key + value, "attention", bias), *out)
    return (
        *linear(path + names.query, hidden, query, "attention", bias),
        *linear(path + names.key, hidden, key, "attention", bias),
        *linear(path + names.value, hidden, value, "attention", bias),
        *out,
    )


def head_norms(heads: Heads, options: Options) -> tuple[Tensor, ...]:
    """Norms of queries and keys."""
    if not options.norm:
        return ()
    path = f"{options.names.prefix}." if options.names.prefix else ""
    query, key = (1, 1) if options.norm == "head" else (heads.query, heads.kv)
    return (
        *norm(f"{path}q_norm", query * heads.size, options.norm_bias),
        *norm(f"{path}k_norm", key * heads.size, options.norm_bias),
    )


def extras(hidden: int, heads: Heads, options: Options) -> tuple[Tensor, ...]:
    """An output gate and sinks."""
    path = f"{options.names.prefix}." if options.names.prefix else ""
    gate = linear(f"{path}gate_proj", hidden, options.gate, "attention", options.gate_bias) if options.gate else ()
    sinks = (Tensor(f"{path}sinks", (heads.query,), "attention", "other"),) if options.sinks else ()
    return (*gate, *sinks)
