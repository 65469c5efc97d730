"""Hybrids of Mamba-2 and attention with a feed-forward network in every layer: Bamba, Granite 4 and Falcon-H1."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import linear, norms
from planner.model.parts.layer import FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, Router, moe
from planner.model.stack import Architecture, Layer


def attention(config: Config) -> Mixer:
    """Full attention; `attention_bias` is of all four matrices."""
    bias = config.flag("attention_bias")
    return common.attend(config, common.FULL, Options(bias=bias, out_bias=bias))


def bamba(config: Config) -> Architecture:
    """Attention in the layers of `attn_layer_indices`, Mamba-2 in all others."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")
    attends = frozenset(config.counts("attn_layer_indices") or ())

    def build(full: bool) -> Layer:
        mixer = attention(config) if full else hybrid.mamba2_mixer(config)
        network = ffn.gated(hidden, width, config.flag("mlp_bias"), "feed_forward")
        return layer(mixer, network, norms(hidden, "input_layernorm", "pre_ff_layernorm"))

    return common.architecture(config, stack([index in attends for index in range(config.layers())], build))


def falcon_h1(config: Config) -> Architecture:
    """Attention and Mamba-2 side by side in every layer (Falcon-H1, Zuo et al. 2025)."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")
    inner = config.optional("mamba_d_ssm")
    state_space = hybrid.mamba2_mixer(config, inner, config.flag("mamba_rms_norm"), config.flag("projectors_bias"))
    mixer = hybrid.together(hybrid.HYBRID, state_space, attention(config))
    network = ffn.gated(hidden, width, config.flag("mlp_bias"), "feed_forward")
    one = layer(mixer, network, norms(hidden, "input_layernorm", "pre_ff_layernorm"))
    return common.architecture(config, (one,) * config.layers())


def granite_network(config: Config) -> FeedForward:
    """A network that every token passes, and experts beside it where there are any."""
    hidden, width = config.size("hidden_size"), config.size("shared_intermediate_size")
    always = (
        *linear("shared_mlp.input_linear", hidden, 2 * width, "ffn"),
        *linear("shared_mlp.output_linear", width, hidden, "ffn"),
    )
    count = config.count("num_local_experts")
    if not count:
        return FeedForward("gated", always, width)
    experts = Experts(count, config.size("num_experts_per_tok"), config.size("intermediate_size"))
    route = Router("block_sparse_moe.router")
    return moe(hidden, experts, route, width, always, "block_sparse_moe.experts")


def granite(config: Config) -> Architecture:
    """Granite 4: `layer_types` says where attention stands; without it, nowhere."""
    hidden = config.size("hidden_size")

    def build(kind: str) -> Layer:
        mixer = attention(config) if kind == common.FULL else hybrid.mamba2_mixer(config)
        return layer(mixer, granite_network(config), norms(hidden, "input_layernorm", "post_attention_layernorm"))

    return common.architecture(config, stack(hybrid.kinds(config, lambda index: hybrid.LINEAR), build))


FAMILIES = {"bamba": bamba, "falcon_h1": falcon_h1, "granitemoehybrid": granite}
