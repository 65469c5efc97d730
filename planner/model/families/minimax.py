"""MiniMax-01 (Li et al. 2025): lightning attention with softmax attention in between, experts in every layer."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid
from planner.model.parts.basic import norms
from planner.model.parts.layer import layer, stack
from planner.model.parts.moe import Experts, moe
from planner.model.parts.recurrent import lightning
from planner.model.stack import Architecture, Layer


def kinds(config: Config) -> tuple[str, ...]:
    """`layer_types`, or the first checkpoints' `attn_type_list` (1 = softmax); else softmax in every other layer."""
    stated = config.counts("attn_type_list")
    if stated is not None and config.words("layer_types") is None and len(stated) >= config.layers():
        return tuple(common.FULL if full else hybrid.LINEAR for full in stated[: config.layers()])
    return hybrid.kinds(config, hybrid.periodic(2, 0))


def minimax(config: Config) -> Architecture:
    """Experts of `intermediate_size`; lightning attention has as many key heads as query heads."""
    hidden, heads = config.size("hidden_size"), common.heads(config)
    experts = Experts(
        config.size("num_local_experts"), config.size("num_experts_per_tok"), config.size("intermediate_size")
    )

    def build(kind: str) -> Layer:
        linear = kind == hybrid.LINEAR
        mixer = lightning(hidden, heads.query, heads.size) if linear else common.attend(config, kind)
        return layer(mixer, moe(hidden, experts), norms(hidden, "input_layernorm", "post_attention_layernorm"))

    return common.architecture(config, stack(kinds(config), build))


FAMILIES = {"minimax": minimax, "minimax_text_01": minimax}
