"""Llama and the decoders that differ from it in a bias, a window, a norm or nothing at all."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import FeedForward
from planner.model.stack import Architecture

REQUIRED = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
"""What a decoder of unknown type must state."""


def biased(config: Config, norm: str = "", sinks: bool = False) -> Options:
    """`attention_bias` is of all four matrices."""
    bias = config.flag("attention_bias")
    return Options(bias=bias, out_bias=bias, norm=norm, sinks=sinks)


def gated(config: Config) -> FeedForward:
    """A gated network whose `mlp_bias` is of all three matrices."""
    return ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), config.flag("mlp_bias"))


def llama(config: Config) -> Architecture:
    """Llama, Granite, InternLM-3 and others of the same shape."""
    return common.architecture(config, common.dense(config, biased(config), gated(config)))


def generic(config: Config) -> Architecture:
    """A decoder of unknown or unstated type, read as Llama. What makes its size must be stated."""
    for key in REQUIRED:
        if config.optional(key) is None:
            raise config.error(key, "is missing")
    note = f"unknown model_type {config.model_type}: " if config.model_type else "no model_type: "
    return llama(config)._replace(notes=(note + "read as a Llama-like decoder",))


def mistral(config: Config) -> Architecture:
    """Mistral: every layer slides when there is a window, but where the config lists layers (Ministral)."""
    kind = common.SLIDING if config.optional("sliding_window") else common.FULL
    listed = config.model_type == "ministral"
    kinds = common.layer_types(config, lambda index: kind) if listed else (kind,) * config.layers()
    return common.architecture(config, common.dense(config, kinds=kinds))


def cwm(config: Config) -> Architecture:
    """Code World Model: every fourth layer attends to everything, from the first on."""
    kinds = common.layer_types(config, common.every(4, 0))
    return common.architecture(config, common.dense(config, network=gated(config), kinds=kinds))


def smollm3(config: Config) -> Architecture:
    """SmolLM-3: layers without rotary positions may slide."""
    slides = config.flag("use_sliding_window") and config.optional("sliding_window")
    interval, ropes = config.size("no_rope_layer_interval", 4), config.counts("no_rope_layers")
    turns = ropes or tuple(int((index + 1) % interval != 0) for index in range(config.layers()))
    if len(turns) < config.layers():
        raise config.error("no_rope_layers", f"has {len(turns)} entries for {config.layers()} layers")
    kinds = common.layer_types(config, lambda index: common.SLIDING if slides and not turns[index] else common.FULL)
    return common.architecture(config, common.dense(config, biased(config), gated(config), kinds))


def helium(config: Config) -> Architecture:
    """Helium: biases of query, key and value only."""
    options = Options(bias=config.flag("attention_bias"))
    return common.architecture(config, common.dense(config, options, gated(config)))


def seed_oss(config: Config) -> Architecture:
    """Seed-OSS: the output matrix has a bias of its own."""
    options = Options(bias=config.flag("attention_bias"), out_bias=config.flag("attention_out_bias"))
    return common.architecture(config, common.dense(config, options, gated(config)))


def internlm3(config: Config) -> Architecture:
    """InternLM-3: `qkv_bias` of query, key and value, `bias` of all other matrices."""
    bias = config.flag("bias", config.flag("attention_bias"))
    network = ffn.gated(config.size("hidden_size"), config.size("intermediate_size"), config.flag("bias"))
    options = Options(bias=config.flag("qkv_bias", bias), out_bias=bias)
    return common.architecture(config, common.dense(config, options, network))


def hyperclovax(config: Config) -> Architecture:
    """HyperCLOVA X: two more norms with `use_post_norm`."""
    hidden = config.size("hidden_size")
    post = norms(hidden, "post_norm1", "post_norm2") if config.flag("use_post_norm") else ()
    around = (*common.pre_norms(hidden), *post)
    return common.architecture(config, common.dense(config, biased(config), gated(config), around=around))


def granite_swa(config: Config) -> Architecture:
    """Granite with windows: sinks in every layer; every fourth layer attends to everything, from the first on."""
    kinds = common.layer_types(config, common.every(4, 0))
    return common.architecture(config, common.dense(config, biased(config, sinks=True), gated(config), kinds))


FAMILIES = {
    **dict.fromkeys(("llama", "granite", "iquestcoder", "yi", "aquila", "xverse", "code_llama"), llama),
    **dict.fromkeys(("mistral", "ministral", "ministral3"), mistral),
    "cwm": cwm,
    "smollm3": smollm3,
    "helium": helium,
    "seed_oss": seed_oss,
    "internlm3": internlm3,
    "hyperclovax": hyperclovax,
    "granite_swa": granite_swa,
}
