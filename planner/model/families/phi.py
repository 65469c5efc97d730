"""Phi 1 to 4, Phi-3-small and Phi-3.5-MoE."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norm
from planner.model.stack import Architecture


def window(config: Config) -> tuple[str, ...]:
    """Every layer slides when there is a window."""
    kind = common.SLIDING if config.optional("sliding_window") else common.FULL
    return (kind,) * config.layers()


def phi(config: Config) -> Architecture:
    """Phi 1, 1.5 and 2: one norm for attention and network, biases everywhere, in the head as well."""
    hidden = config.size("hidden_size")
    norm_kind = "head" if config.flag("qk_layernorm") else ""
    names = Names(out="dense")
    options = Options(bias=True, out_bias=True, norm=norm_kind, norm_bias=True, names=names)
    network = ffn.plain(hidden, config.optional("intermediate_size") or 4 * hidden, True, "mlp.fc1", "mlp.fc2")
    layers = common.dense(config, options, network, around=norm("input_layernorm", hidden, bias=True))
    return common.architecture(config, layers, final_norm=norm("final_layernorm", hidden, True), head_bias=True)


def phi3(config: Config) -> Architecture:
    """Phi-3, 3.5 and 4: Llama with query, key and value in one matrix, gate and up in another."""
    network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), fused=True)
    options = Options(names=Names(fused="qkv_proj"))
    return common.architecture(config, common.dense(config, options, network, window(config)))


def phi3_small(config: Config) -> Architecture:
    """Phi-3-small: biases everywhere, LayerNorms, `ff_intermediate_size` (microsoft/Phi-3-small-8k-instruct)."""
    hidden = config.size("hidden_size")
    network = ffn.gated(hidden, config.size("ff_intermediate_size"), True, fused=True)
    options = Options(bias=True, out_bias=True, names=Names(out="dense", fused="query_key_value"))
    layers = common.dense(config, options, network, around=common.pre_norms(hidden, bias=True))
    return common.architecture(config, layers, final_norm=norm("final_layernorm", hidden, True))


def phimoe(config: Config) -> Architecture:
    """Phi-3.5-MoE: experts of `intermediate_size` in every layer, LayerNorms with bias."""
    hidden = config.size("hidden_size")
    network = mixtures.network(config, mixtures.experts(config, "intermediate_size", "num_local_experts"))
    ffns = (mixtures.SPARSE,) * config.layers()
    around = common.pre_norms(hidden, bias=True)
    layers = common.sparse(config, ffns, network, biased(config), window(config), around)
    bias = config.flag("lm_head_bias")
    return common.architecture(config, layers, final_norm=norm("norm", hidden, True), head_bias=bias)


FAMILIES = {
    **dict.fromkeys(("phi", "phi-msft", "mixformer-sequential"), phi),
    "phi3": phi3,
    "phi3small": phi3_small,
    "phimoe": phimoe,
}
