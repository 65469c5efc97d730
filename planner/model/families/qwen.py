"""Qwen 1 to 3, dense and with experts."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import ffn
from planner.model.parts.attention import Heads, Names, Options
from planner.model.stack import Architecture


def slides(config: Config) -> bool:
    """Whether `sliding_window` is in force."""
    return config.flag("use_sliding_window") and bool(config.optional("sliding_window"))


def kinds(config: Config) -> tuple[str, ...]:
    """Layers from `max_window_layers` on slide, when windows are in use at all."""
    first = config.count("max_window_layers") if slides(config) else config.layers()
    return common.layer_types(config, lambda index: common.SLIDING if index >= first else common.FULL)


def qwen2(config: Config) -> Architecture:
    """Qwen2 and 2.5: biases of query, key and value."""
    return common.architecture(config, common.dense(config, Options(bias=True), kinds=kinds(config)))


def qwen3(config: Config) -> Architecture:
    """Qwen3: norms of query and key heads."""
    return common.architecture(config, common.dense(config, biased(config, "head"), kinds=kinds(config)))


def qwen2_moe(config: Config) -> Architecture:
    """Qwen1.5-MoE and Qwen2-MoE: a gated shared expert beside the routed ones."""
    limit = config.count("max_window_layers") if slides(config) else 0
    attention = common.layer_types(config, lambda i: common.SLIDING if i % 2 == 0 and i < limit else common.FULL)
    shared = config.count("shared_expert_intermediate_size")
    routed = mixtures.experts(config)
    network = mixtures.network(config, routed, shared_width=shared, shared_gate=True)
    ffns = mixtures.listed(config, mixtures.stepped(config))
    options = Options(bias=config.flag("qkv_bias", True))
    return common.architecture(config, common.sparse(config, ffns, network, options, attention))


def qwen3_moe(config: Config) -> Architecture:
    """Qwen3-MoE: norms of query and key heads; all layers slide if windows are in use."""
    kind = common.SLIDING if slides(config) else common.FULL
    ffns = mixtures.listed(config, mixtures.stepped(config))
    network = mixtures.network(config, mixtures.experts(config))
    layers = common.sparse(config, ffns, network, biased(config, "head"), (kind,) * config.layers())
    return common.architecture(config, layers)


def qwen(config: Config) -> Architecture:
    """Qwen 1: `intermediate_size` is gate and up together, only c_attn has biases (QwenLM/Qwen, modeling_qwen.py)."""
    hidden, query = config.size("hidden_size"), config.size("num_attention_heads")
    size = config.optional("kv_channels") or hidden // query
    bias = not config.flag("no_bias", True)
    options = Options(bias=True, out_bias=bias, names=Names("attn", out="c_proj", fused="c_attn"))
    network = ffn.gated(hidden, config.size("intermediate_size") // 2, bias)
    layers = common.dense(config, options, network, shape=Heads(query, query, size))
    return common.architecture(config, layers)


FAMILIES = {
    "qwen": qwen,
    "qwen2": qwen2,
    "qwen2_moe": qwen2_moe,
    "qwen3": qwen3,
    "qwen3_moe": qwen3_moe,
}
