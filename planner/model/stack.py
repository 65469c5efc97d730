"""What a model is: a stack of layers, each a mixer and a feed-forward network, between embeddings.

A layer says which tensors it has and what it keeps of a sequence; parameters, weights, cache and FLOPs are sums of it.
A family of models is a function from `Config` to `Architecture` (see `planner.model.families`), nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.memo import by_identity
from planner.record import NamedTuple

PARTS = ("embedding", "attention", "ffn", "other")
"""Where parameters live. Embedding: input and output embeddings (head). Attention: every mixer, recurrent ones too.
FFN: feed-forward, router and experts. Other: norms, vision and audio towers, adapters, anything else."""


class Tensor(NamedTuple):
    """Some weights of equal shape."""

    name: str
    """As checkpoints call it, without layer index and suffix: "self_attn.q_proj", "mlp.experts.down_proj"."""
    shape: tuple[int, ...]
    """(out, in) of a matrix; (n,) of a vector. Elements = product."""
    part: str
    """One of `PARTS`."""
    kind: str = "linear"
    """linear (a quantizer may take it), expert (a routed expert's matrix: fused in transformers ≥ 5), embedding, head,
    router, norm, bias, conv, other."""
    copies: int = 1
    """How many such tensors the layer has (routed experts)."""
    active: float | None = None
    """How many of the copies a token passes through; None = all."""


class Cache(NamedTuple):
    """What a layer keeps per token of a sequence, in elements of the cache's dtype."""

    heads: int
    """KV heads: tensor parallelism splits these, down to one a device. 1 for a latent cache."""
    width: int
    """Elements per head and token: key + value (2 × head size; latent: rank + rope size, kept once)."""
    window: int | None = None
    """Tokens kept at most (sliding window, chunk; cross-attention: its fixed length); None = all."""
    every: int = 1
    """One entry for so many tokens (compressed caches)."""
    sharded: bool = True
    """False where every tensor-parallel rank holds all of it (latent cache, indexer)."""
    kind: str = "full"
    """full, sliding, chunked, latent, cross, indexer."""


class State(NamedTuple):
    """What a recurrent layer keeps per sequence, whatever its length."""

    elements: int
    bytes_each: int | None = None
    """Bytes per element; None = as the model's dtype."""
    kind: str = "recurrent"
    """recurrent or conv."""


class Layer(NamedTuple):
    """One layer: its tensors and what it keeps."""

    mixer: str
    """full, sliding, chunked, latent, linear, mamba, mamba2, gated-delta, rwkv, conv, cross, none …"""
    ffn: str
    """dense, gated, moe or none."""
    tensors: tuple[Tensor, ...]
    caches: tuple[Cache, ...] = ()
    states: tuple[State, ...] = ()
    query_heads: int = 0
    head_dim: int = 0
    kv_heads: int = 0
    ffn_width: int = 0
    """Width of the dense FFN, or of one expert."""
    experts: int = 0
    experts_per_token: int = 0
    shared_width: int = 0
    """Summed width of shared experts."""


@by_identity
def counted(layers: Sequence[Layer]) -> list[tuple[Layer, int, int]]:
    """(layer, how many are like it, index of the first) of each distinct one of `layers`; equal ones are one object.

    Sums over a stack are sums over these few: a model of a hundred layers has one or two kinds.
    """
    kinds: dict[int, list[int]] = {}
    for index, layer in enumerate(layers):
        kind = kinds.get(id(layer))
        if kind is None:
            kinds[id(layer)] = [1, index]
        else:
            kind[0] += 1
    return [(layers[first], count, first) for count, first in kinds.values()]


@by_identity
def kinds(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The distinct ones of `layers`, for what holds of any or of all of them."""
    return tuple(layer for layer, _, _ in counted(layers))


class Architecture(NamedTuple):
    """A model's shape. `layers` is in order, one entry per layer (equal layers are one shared object)."""

    model_type: str
    hidden_size: int
    vocab_size: int
    layers: tuple[Layer, ...]
    outside: tuple[Tensor, ...]
    """Embeddings, head, final norm, vision and audio towers: all that is in no decoder layer."""
    tied: bool = False
    """Input and output embedding are one tensor (then `outside` holds it once)."""
    max_context: int | None = None
    """max_position_embeddings, rope scaling applied where the family multiplies; None if unbounded or not stated."""
    dtype: str | None = None
    """dtype (torch_dtype) of the checkpoint, canonical."""
    state_dtype: str | None = None
    """dtype that the config asks for recurrent states to be kept in (mamba_ssm_dtype, mamba_ssm_cache_dtype)."""
    quantization: Mapping[str, object] | None = None
    """`quantization_config` as the checkpoint states it."""
    stored_only: tuple[Tensor, ...] = ()
    """In the released checkpoint but not loaded by default (MTP layers, stored tied heads, unused projections)."""
    notes: tuple[str, ...] = ()
    """What was assumed, for people."""


class Parameters(NamedTuple):
    """Parameter counts. The four parts sum to `total`."""

    total: int
    active: int
    embedding: int
    attention: int
    ffn: int
    other: int
