"""Beam: gated attention, mostly over a window, and experts after the first layers."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import FeedForward, layer, stack
from planner.model.parts.moe import Experts, moe
from planner.model.stack import Architecture, Layer, Tensor

NORMS = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")


def network(config: Config, kind: str) -> FeedForward:
    """A gated network, or experts."""
    hidden = config.size("hidden_size")
    if kind == "dense":
        return ffn.gated(hidden, config.size("intermediate_size"))
    width = config.size("moe_intermediate_size")
    return moe(hidden, Experts(config.size("num_experts"), config.size("num_experts_per_tok"), width))


def beam(config: Config) -> Architecture:
    """One layer in six and the last attend to all; the gate has a row for each element and a bias for each head."""
    hidden, shape, bias = config.size("hidden_size"), common.heads(config), config.flag("attention_bias")
    last = config.layers() - 1
    kinds = common.layer_types(config, lambda index: common.FULL if index == last else common.every(6)(index))
    sparse = common.layer_types(config, lambda index: "dense" if index < 3 else "sparse", "mlp_layer_types")
    options = Options(bias=bias, out_bias=bias, norm="head", gate=shape.query * shape.size)
    gate_bias = Tensor("self_attn.gate_bias", (shape.query,), "attention", "bias")

    def build(kind: tuple[str, str]) -> Layer:
        mixer = common.attend(config, kind[0], options)
        return layer(
            mixer._replace(tensors=(*mixer.tensors, gate_bias)), network(config, kind[1]), norms(hidden, *NORMS)
        )

    return common.architecture(config, stack(tuple(zip(kinds, sparse, strict=True)), build))


FAMILIES = {"beam": beam}
