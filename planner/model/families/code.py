"""StableLM, StarCoder-2 and Persimmon."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, gpt
from planner.model.families.phi import window
from planner.model.parts import ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norm, norms
from planner.model.stack import Architecture


def stablelm(config: Config) -> Architecture:
    """StableLM: LayerNorms with bias, one a layer with `use_parallel_residual`; per-head norms with `qk_layernorm`."""
    hidden = config.size("hidden_size")
    names = ("input_layernorm",) if config.flag("use_parallel_residual") else common.PRE
    options = Options(bias=config.flag("use_qkv_bias"), norm="heads" if config.flag("qk_layernorm") else "")
    layers = common.dense(config, options, around=norms(hidden, *names, bias=True))
    return common.architecture(config, layers, final_norm=norm("norm", hidden, True))


def starcoder2(config: Config) -> Architecture:
    """StarCoder-2: two matrices, biases and LayerNorms; all layers slide when there is a window."""
    hidden, bias = config.size("hidden_size"), config.flag("use_bias", True)
    network = ffn.plain(hidden, config.size("intermediate_size"), bias, "mlp.c_fc", "mlp.c_proj")
    around = common.pre_norms(hidden, bias=True)
    layers = common.dense(config, Options(bias=bias, out_bias=bias), network, window(config), around)
    return common.architecture(config, layers, final_norm=norm("norm", hidden, True))


def persimmon(config: Config) -> Architecture:
    """Persimmon: norms with bias of query and key heads, two matrices."""
    hidden = config.size("hidden_size")
    options = Options(
        bias=True,
        out_bias=True,
        norm="head" if config.flag("qk_layernorm", True) else "",
        norm_bias=True,
        names=Names(out="dense", fused="query_key_value"),
    )
    network = ffn.plain(hidden, config.size("intermediate_size"), True, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h")
    around = common.pre_norms(hidden, bias=True)
    layers = common.dense(config, options, network, around=around, shape=gpt.many(config))
    return common.architecture(config, layers, final_norm=norm("final_layernorm", hidden, True))


FAMILIES = {
    **dict.fromkeys(("stablelm", "stablelm_epoch"), stablelm),
    "starcoder2": starcoder2,
    "persimmon": persimmon,
}
