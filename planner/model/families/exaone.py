"""EXAONE 3, EXAONE-4 and K-EXAONE."""

from __future__ import annotations

from collections.abc import Callable

from planner.model.config import Config
from planner.model.families import common, mixtures
from planner.model.families.llama import biased
from planner.model.parts import ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import norms
from planner.model.stack import Architecture


def exaone(config: Config) -> Architecture:
    """EXAONE 3: Llama under other names; `intermediate_size: null` is 4 × hidden (modeling_exaone.py).

    A config in the spelling of the repositories' own code (`num_layers`) leaves `tie_word_embeddings` out where it is
    true; that code's default is true, the one of transformers' class is false.
    """
    hidden = config.size("hidden_size")
    width = config.optional("intermediate_size") or 4 * hidden
    network = ffn.gated(hidden, width, config.flag("mlp_bias"))
    options = biased(config)._replace(names=Names("attn.attention", out="out_proj"))
    own = config.spelled("num_hidden_layers") == f"{config.prefix}num_layers"
    tied = config.flag("tie_word_embeddings") if config.states("tie_word_embeddings") else own
    layers = common.dense(config, options, network, around=norms(hidden, "ln_1", "ln_2"))
    return common.architecture(config, layers, tied=tied)


def turns(config: Config) -> Callable[[int], str]:
    """The kind of each layer where there is a window: a number is a period, "LLLG" writes it out (L slides)."""
    pattern = config.get("sliding_window_pattern")
    if not config.optional("sliding_window"):
        return lambda index: common.FULL
    if isinstance(pattern, str) and pattern and set(pattern) <= {"L", "G"}:
        return lambda index: common.SLIDING if pattern[index % len(pattern)] == "L" else common.FULL
    return common.every(config.size("sliding_window_pattern", 4))


def exaone4(config: Config) -> Architecture:
    """EXAONE-4: norms after attention and network, and of query and key heads; one layer in a pattern is full."""
    kinds = common.layer_types(config, turns(config))
    around = norms(config.size("hidden_size"), "post_attention_layernorm", "post_feedforward_layernorm")
    return common.architecture(config, common.dense(config, Options(norm="head"), None, kinds, around))


def exaone_moe(config: Config) -> Architecture:
    """K-EXAONE: norms of query and key heads, windows in all but one layer of a pattern."""
    kinds = common.layer_types(config, turns(config))
    routed = mixtures.experts(config)
    networks = mixtures.network(config, routed, shared_width=config.count("num_shared_experts") * routed.width)
    ffns = mixtures.listed(config, mixtures.dense_first(config))
    return common.architecture(config, common.sparse(config, ffns, networks, Options(norm="head"), kinds))


FAMILIES = {
    "exaone": exaone,
    "exaone4": exaone4,
    "exaone_moe": exaone_moe,
}
