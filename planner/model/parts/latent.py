"""Multi-head latent attention: keys and values of all heads in one small vector per token (DeepSeek-V2, eq. 9–19)."""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import Mixer
from planner.model.stack import Cache, Tensor
from planner.record import NamedTuple


class Latent(NamedTuple):
    """Ranks and head sizes."""

    heads: int
    query_rank: int | None
    """None: queries are not compressed."""
    rank: int
    """Of keys and values."""
    nope: int
    """Elements of a query and a key that carry no position."""
    rope: int
    """Elements that do; of the keys one copy serves all heads."""
    value: int


class Indexer(NamedTuple):
    """The lightning indexer of DeepSeek sparse attention (DeepSeek-V3.2-Exp, eq. 1): it chooses what to see."""

    heads: int
    size: int


def latent(
    hidden: int,
    shape: Latent,
    bias: bool = False,
    indexer: Indexer | None = None,
    further: tuple[Tensor, ...] = (),
    window: int | None = None,
) -> Mixer:
    """Latent attention with its cache of rank + rope elements per token, and the keys of the `indexer`.

    `bias` is that of the compressing matrices and the output, `further` whatever else the attention has.
    """
    sparse = indexer_tensors(hidden, shape, indexer) if indexer else ()
    return Mixer(
        "latent",
        (*query_tensors(hidden, shape, bias), *key_value_tensors(hidden, shape, bias), *sparse, *further),
        (latent_cache(shape, window), *((indexer_cache(indexer),) if indexer else ())),
        query_heads=shape.heads,
        head_dim=shape.nope + shape.rope,
        kv_heads=1,
    )


def query_tensors(hidden: int, shape: Latent, bias: bool = False) -> tuple[Tensor, ...]:
    """h·q + q + q·a·(nope + rope); h·a·(nope + rope) where queries are not compressed."""
    width = shape.heads * (shape.nope + shape.rope)
    if shape.query_rank is None:
        return linear("self_attn.q_proj", hidden, width, "attention")
    return (
        *linear("self_attn.q_a_proj", hidden, shape.query_rank, "attention", bias),
        *norm("self_attn.q_a_layernorm", shape.query_rank),
        *linear("self_attn.q_b_proj", shape.query_rank, width, "attention"),
    )


def key_value_tensors(hidden: int, shape: Latent, bias: bool = False) -> tuple[Tensor, ...]:
    """h·(c + rope) + c + c·a·(nope + v) + a·v·h."""
    return (
        *linear("self_attn.kv_a_proj_with_mqa", hidden, shape.rank + shape.rope, "attention", bias),
        *norm("self_attn.kv_a_layernorm", shape.rank),
        *linear("self_attn.kv_b_proj", shape.rank, shape.heads * (shape.nope + shape.value), "attention"),
        *linear("self_attn.o_proj", shape.heads * shape.value, hidden, "attention", bias),
    )


def indexer_tensors(hidden: int, shape: Latent, indexer: Indexer) -> tuple[Tensor, ...]:
    """q·i·s + h·s + 2·s + h·i for i index heads of size s on queries of rank q."""
    return (
        *linear("self_attn.indexer.wq_b", shape.query_rank or hidden, indexer.heads * indexer.size, "attention"),
        *linear("self_attn.indexer.wk", hidden, indexer.size, "attention"),
        *norm("self_attn.indexer.k_norm", indexer.size, bias=True),
        *linear("self_attn.indexer.weights_proj", hidden, indexer.heads, "attention"),
    )


def latent_cache(shape: Latent, window: int | None = None) -> Cache:
    """The compressed vector and the shared positional key, once per token; every rank holds all of it."""
    return Cache(1, shape.rank + shape.rope, window, sharded=False, kind="latent")


def indexer_cache(indexer: Indexer) -> Cache:
    """One index key per token."""
    return Cache(1, indexer.size, sharded=False, kind="indexer")
