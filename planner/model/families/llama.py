"""Llama and the decoders that differ from it in a bias, a window or nothing at all."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common
from planner.model.parts import ffn
from planner.model.parts.attention import Options
from planner.model.parts.basic import norms
from planner.model.parts.layer import layer, stack
from planner.model.stack import Architecture, Layer

REQUIRED = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
"""What a decoder of unknown type must state."""


def decoder(config: Config, kinds: tuple[str, ...], options: Options, mlp_bias: bool = False) -> Architecture:
    """Two RMSNorms, grouped-query attention and a gated network in each layer."""
    hidden, width = config.size("hidden_size"), config.size("intermediate_size")

    def build(kind: str) -> Layer:
        return layer(
            common.attend(config, kind, options),
            ffn.gated(hidden, width, mlp_bias),
            norms(hidden, "input_layernorm", "post_attention_layernorm"),
        )

    return common.architecture(config, stack(kinds, build))


def llama(config: Config) -> Architecture:
    """Llama: `attention_bias` is of all four attention matrices, `mlp_bias` of all three of the network."""
    bias = config.flag("attention_bias")
    return decoder(config, common.layer_types(config), Options(bias=bias, out_bias=bias), config.flag("mlp_bias"))


def mistral(config: Config) -> Architecture:
    """Mistral: every layer slides when there is a window."""
    kind = common.SLIDING if config.optional("sliding_window") else common.FULL
    return decoder(config, common.layer_types(config, lambda index: kind), Options())


def generic(config: Config) -> Architecture:
    """A decoder of unknown or unstated type, read as Llama. What makes its size must be stated."""
    for key in REQUIRED:
        if config.optional(key) is None:
            raise config.error(key, "is missing")
    found = llama(config.with_values(intermediate_size=config.size("intermediate_size")))
    note = f"unknown model_type {config.model_type}: " if config.model_type else "no model_type: "
    return found._replace(notes=(note + "read as a Llama-like decoder",))


FAMILIES = {"llama": llama, "mistral": mistral}
