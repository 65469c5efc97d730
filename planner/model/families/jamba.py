"""Jamba (Lieber et al. 2024): Mamba with attention in one layer of eight and experts in every other."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid
from planner.model.parts import ffn
from planner.model.parts.basic import norms
from planner.model.parts.layer import FeedForward, layer, stack
from planner.model.parts.moe import Experts, Router, moe
from planner.model.stack import Architecture, Layer

NORMS = ("input_layernorm", "pre_ff_layernorm")


def feed_forward(config: Config, sparse: bool) -> FeedForward:
    """A gated network, or experts of the same width."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")
    if not sparse:
        return ffn.gated(hidden, width, prefix="feed_forward")
    experts = Experts(config.size("num_experts"), config.size("num_experts_per_tok"), width)
    return moe(hidden, experts, Router("feed_forward.router"), prefix="feed_forward.experts")


def jamba(config: Config) -> Architecture:
    """Attention in one layer of `attn_layer_period`, experts in one of `expert_layer_period`."""
    hidden = config.size("hidden_size")
    default = hybrid.periodic(config.size("attn_layer_period"), config.count("attn_layer_offset"))
    period, offset = config.size("expert_layer_period"), config.count("expert_layer_offset")
    several = config.size("num_experts") > 1
    kinds = tuple((default(index), several and index % period == offset) for index in range(config.layers()))

    def build(kind: tuple[str, bool]) -> Layer:
        full = kind[0] == common.FULL
        mixer = common.attend(config, common.FULL) if full else hybrid.mamba_mixer(config, normed=True)
        return layer(mixer, feed_forward(config, kind[1]), norms(hidden, *NORMS))

    return common.architecture(config, stack(kinds, build))


FAMILIES = {"jamba": jamba}
