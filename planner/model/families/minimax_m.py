"""MiniMax-M2 and M3."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.experts import everywhere, local
from planner.model.parts import ffn, moe
from planner.model.parts.attention import Options
from planner.model.parts.basic import linear, norm
from planner.model.parts.latent import Indexer, indexer_cache
from planner.model.parts.layer import layer, stack
from planner.model.stack import Architecture, Layer

SPARSE = "minimax_m3_sparse"
"""Attention whose keys an indexer chooses."""


def minimax_m2(config: Config) -> Architecture:
    """MiniMax-M2: norms of all queries and all keys together."""
    network = mixtures.network(config, local(config))
    return common.architecture(config, common.sparse(config, everywhere(config), network, Options(norm="heads")))


def minimax_m3(config: Config) -> Architecture:
    """MiniMax-M3: ordinary attention whose sparse layers have an indexer with norms of its own."""
    config = config.as_type("minimax_m3_vl_text")
    hidden, stated = config.size("hidden_size"), config.nested("sparse_attention_config")
    given = stated or Config({}, prefix="sparse_attention_config.")
    heads, size = (
        given.size("sparse_num_index_heads", config.size("index_n_heads")),
        given.size("sparse_index_dim", config.size("index_head_dim")),
    )
    turns = given.counts("sparse_attention_freq") or (0,) * config.layers()
    names = common.layer_types(config, lambda i: SPARSE if i < len(turns) and turns[i] else common.FULL)
    ffns = mixtures.listed(config, mixtures.dense_first(config))
    routed = mixtures.experts(config, "intermediate_size", "num_local_experts")
    mixture = moe.moe(hidden, routed, shared_width=config.count("shared_intermediate_size"))
    dense = ffn.gated(hidden, config.size("dense_intermediate_size"), fused=True)
    tensors = (
        *linear("self_attn.indexer.q_proj", hidden, heads * size, "attention"),
        *linear("self_attn.indexer.k_proj", hidden, size, "attention"),
        *norm("self_attn.indexer.q_norm", size),
        *norm("self_attn.indexer.k_norm", size),
    )

    def build(kind: tuple[str, str]) -> Layer:
        mixer = common.attend(config, common.FULL, Options(norm="head"))
        if kind[0] == SPARSE:
            caches = (*mixer.caches, indexer_cache(Indexer(heads, size)))
            mixer = mixer._replace(tensors=(*mixer.tensors, *tensors), caches=caches)
        return layer(mixer, dense if kind[1] == mixtures.DENSE else mixture, common.pre_norms(hidden))

    return common.architecture(config, stack(tuple(zip(names, ffns, strict=True)), build))


FAMILIES = {
    "minimax_m2": minimax_m2,
    **dict.fromkeys(("minimax_m3_vl_text", "minimax_m3"), minimax_m3),
}
