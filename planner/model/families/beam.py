"""Beam: gated attention, mostly over a window, and experts after the first layers; and Muse's language model."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import layer, stack
from planner.model.stack import Architecture, Layer, Tensor


def beam(config: Config) -> Architecture:
    """One layer in six and the last attend to all; the gate has a row for each element and a bias for each head."""
    hidden, shape, bias = config.size("hidden_size"), common.heads(config), config.flag("attention_bias")
    last = config.layers() - 1
    kinds = common.layer_types(config, lambda index: common.FULL if index == last else common.every(6)(index))
    ffns = mixtures.listed(config, lambda index: index >= 3)
    network = mixtures.network(config, mixtures.experts(config))
    options = Options(bias=bias, out_bias=bias, norm="head", gate=shape.query * shape.size)
    gate_bias = Tensor("self_attn.gate_bias", (shape.query,), "attention", "bias")

    def build(kind: tuple[str, str]) -> Layer:
        mixer = common.attend(config, kind[0], options)
        mixer = mixer._replace(tensors=(*mixer.tensors, gate_bias))
        return layer(mixer, network(kind[1]), norms(hidden, *common.SANDWICH))

    return common.architecture(config, stack(tuple(zip(kinds, ffns, strict=True)), build))


def muse(config: Config) -> Architecture:
    """Muse: counted from the last, one layer in four attends to all; norms of queries and keys have no scale."""
    hidden, shape, bias = config.size("hidden_size"), common.heads(config), config.flag("attention_bias")
    last = config.layers() - 1
    kinds = common.layer_types(config, lambda index: common.SLIDING if (last - index) % 4 else common.FULL)
    options = Options(bias=bias, out_bias=bias, gate=shape.query * shape.size)
    network = ffn.gated(hidden, config.size("intermediate_size"))
    around = norms(hidden, *common.SANDWICH)
    return common.architecture(config, common.dense(config, options, network, kinds, around))


FAMILIES = {"beam": beam, "muse_glimmer_text": muse}
