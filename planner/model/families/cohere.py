"""Cohere's Command models: one norm for attention and network side by side, tied embeddings."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import ffn, moe
from planner.model.parts.attention import Heads
from planner.model.parts.basic import norm
from planner.model.parts.layer import FeedForward
from planner.model.stack import Architecture


def cohere(config: Config) -> Architecture:
    """Command R: norms of each query and key head with `use_qk_norm`."""
    options = biased(config, "heads" if config.flag("use_qk_norm") else "")
    around = norm("input_layernorm", config.size("hidden_size"))
    return common.architecture(config, common.dense(config, options, around=around))


def cohere2(config: Config) -> Architecture:
    """Command R7B and A: three of four layers slide; heads of hidden / heads elements whatever `head_dim` says."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    shape = Heads(query, config.optional("num_key_value_heads") or query, hidden // query)
    full = config.model_type == "cohere_compass_text"
    pattern = common.every(config.size("sliding_window_pattern", 4))
    kinds = common.layer_types(config, (lambda index: common.FULL) if full else pattern)
    around = norm("input_layernorm", hidden)
    return common.architecture(config, common.dense(config, biased(config), None, kinds, around, shape))


def cohere2_moe(config: Config) -> Architecture:
    """Command with experts, the first layers dense and with a pattern of windows of their own."""
    hidden, first = config.size("hidden_size"), config.count("first_k_dense_replace")
    before, after = config.size("prefix_dense_sliding_window_pattern", 1), config.size("sliding_window_pattern", 4)
    kinds = common.layer_types(
        config, lambda i: common.every(before)(i) if i < first else common.every(after)(i - first)
    )  # fmt: skip
    routed = mixtures.experts(config, "intermediate_size")
    mixture = moe.moe(hidden, routed, shared_width=routed.width * config.count("num_shared_experts"))

    def network(kind: str) -> FeedForward:
        if kind == mixtures.SPARSE:
            return mixture
        return ffn.gated(hidden, config.size("prefix_dense_intermediate_size", config.size("intermediate_size")))

    ffns = mixtures.listed(config, lambda index: index >= first)
    around = norm("input_layernorm", hidden)
    return common.architecture(config, common.sparse(config, ffns, network, biased(config), kinds, around))


FAMILIES = {
    "cohere": cohere,
    **dict.fromkeys(("cohere2", "cohere_compass_text"), cohere2),
    "cohere2_moe": cohere2_moe,
}
