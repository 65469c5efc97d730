"""LFM2 and LFM3 (Liquid AI): short gated convolutions, and attention in some layers."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norm, norms
from planner.model.parts.layer import FeedForward, layer, stack
from planner.model.parts.moe import Experts, Router, moe
from planner.model.parts.recurrent import short_conv
from planner.model.stack import Architecture, Layer

CONV = "conv"
NORMS = ("operator_norm", "ffn_norm")


def decoder(
    config: Config,
    kinds: tuple[str, ...],
    networks: tuple[FeedForward, ...],
    options: Options,
    names: tuple[str, ...] = NORMS,
) -> Architecture:
    """Layers by their kind and network; `tie_embedding` is an older name of `tie_word_embeddings`."""
    hidden = config.size("hidden_size")

    def build(kind: tuple[str, FeedForward]) -> Layer:
        if kind[0] == CONV:
            mixer = short_conv(hidden, config.size("conv_L_cache"), config.flag("conv_bias"))
        else:
            mixer = common.attend(config, kind[0], options)
        return layer(mixer, kind[1], norms(hidden, *names))

    tied = config.flag("tie_embedding" if config.states("tie_embedding") else "tie_word_embeddings")
    layers = stack(tuple(zip(kinds, networks, strict=True)), build)
    return common.architecture(config, layers, final_norm=norm("embedding_norm", hidden), tied=tied)


def adjusted_width(config: Config) -> int:
    """LFM2's network: two thirds of the stated width, times a factor, rounded up to a multiple, unless told not to."""
    width = config.size("block_ff_dim" if config.states("block_ff_dim") else "intermediate_size")
    if not config.flag("block_auto_adjust_ff_dim", True):
        return width
    width = int(2 * width / 3)
    if config.get("block_ffn_dim_multiplier") is None:
        return width
    multiple = config.size("block_multiple_of")
    return -(-int(config.number("block_ffn_dim_multiplier", 1.0) * width) // multiple) * multiple


def lfm2(config: Config) -> Architecture:
    """LFM2: attention in the layers of `full_attn_idxs` (all where it is missing)."""
    attends = config.counts("full_attn_idxs")
    kinds = common.layer_types(config, lambda index: common.FULL if attends is None or index in attends else CONV)
    network = ffn.gated(config.size("hidden_size"), adjusted_width(config), prefix="feed_forward")
    options = Options(norm="head", names=Names(out="out_proj"))
    return decoder(config, kinds, (network,) * len(kinds), options)


def lfm2_moe(config: Config) -> Architecture:
    """LFM2 with experts after the first `num_dense_layers` layers."""
    hidden, count = config.size("hidden_size"), config.layers()
    attends = config.counts("full_attn_idxs")
    kinds = common.layer_types(config, lambda index: common.FULL if attends is None or index in attends else CONV)
    dense = ffn.gated(hidden, config.size("intermediate_size"), prefix="feed_forward")
    routed = Experts(
        config.size("num_experts"), config.size("num_experts_per_tok"), config.size("moe_intermediate_size")
    )
    sparse = moe(hidden, routed, Router("feed_forward.gate"), prefix="feed_forward.experts")
    first = config.count("num_dense_layers")
    networks = tuple(dense if index < first else sparse for index in range(count))
    return decoder(config, kinds, networks, Options(norm="head", names=Names(out="out_proj")))


def lfm3_layer(index: int) -> str:
    """Of four layers one attends to all and, but for the first four, one to a window."""
    if index % 4 == 2:
        return common.FULL
    return common.SLIDING if index % 4 == 0 and index else CONV


def lfm3(config: Config) -> Architecture:
    """LFM3: norms after mixer and network too (`use_sandwich_norm`), a gate per head (`use_attention_gate`)."""
    kinds = common.layer_types(config, lfm3_layer)
    bias = config.flag("attention_bias")
    gate = config.size("num_attention_heads") if config.flag("use_attention_gate", True) else 0
    names = (*NORMS, "post_operator_norm", "post_ffn_norm") if config.flag("use_sandwich_norm", True) else NORMS
    network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), prefix="feed_forward")
    options = Options(bias=bias, out_bias=bias, norm="head", gate=gate)
    return decoder(config, kinds, (network,) * len(kinds), options, names)


FAMILIES = {"lfm2": lfm2, "lfm2_moe": lfm2_moe, "lfm3": lfm3}
