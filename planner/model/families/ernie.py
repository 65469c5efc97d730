"""ERNIE-4.5."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.moe import Router
from planner.model.stack import Architecture


def ernie(config: Config) -> Architecture:
    """ERNIE-4.5, dense or with experts between `moe_layer_start_index` and `moe_layer_end_index`."""
    bias = config.flag("use_bias")
    options = Options(bias=bias, out_bias=bias)
    if config.model_type == "ernie4_5":
        network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), bias)
        return common.architecture(config, common.dense(config, options, network))
    first, step, end = config.count("moe_layer_start_index"), config.size("moe_layer_interval", 1), _last(config)
    ffns = tuple(
        mixtures.SPARSE if first <= index <= end and (index + 1) % step == 0 else mixtures.DENSE
        for index in range(config.layers())
    )
    routed = mixtures.experts(config)
    shared = config.count("moe_num_shared_experts") * routed.width
    networks = mixtures.network(config, routed, Router(correction=True), shared, bias)
    return common.architecture(config, common.sparse(config, ffns, networks, options), head_bias=bias)


def _last(config: Config) -> int:
    """Index of the last layer with experts; −1 is the last of all."""
    end = config.get("moe_layer_end_index")
    return config.layers() - 1 if end in (None, -1) else config.count("moe_layer_end_index")


FAMILIES = {
    **dict.fromkeys(("ernie4_5", "ernie4_5_moe"), ernie),
}
