"""The vision towers of Llama 3.2 (Grattafiori et al. 2024, §7.2) and Llama 4."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.towers import encoder
from planner.model.parts.towers.encoder import Blocks
from planner.model.stack import Tensor

NORMS = ("input_layernorm", "post_attention_layernorm")
RATIOS = 8
"""Aspect ratios of up to four tiles."""


def scalar(name: str) -> Tensor:
    """A learned number."""
    return Tensor(name, (1,), "other", "other")


def tiles(config: Config, prefix: str, width: int) -> tuple[Tensor, ...]:
    """Positions per patch, and per aspect ratio and tile; they make up most of what is not layers."""
    stated = config.list("supported_aspect_ratios")
    ratios = (RATIOS if stated is None else len(stated)) + 1
    count, positions = config.size("max_num_tiles"), keys.grid(config) + 1
    return (
        *encoder.table(f"{prefix}.gated_positional_embedding.embedding", positions, width),
        *encoder.table(f"{prefix}.gated_positional_embedding.tile_embedding", ratios, count * positions * width),
        *encoder.table(f"{prefix}.pre_tile_positional_embedding.embedding", ratios, count * width),
        *encoder.table(f"{prefix}.post_tile_positional_embedding.embedding", ratios, count * width),
        scalar(f"{prefix}.gated_positional_embedding.gate"),
        scalar(f"{prefix}.pre_tile_positional_embedding.gate"),
        scalar(f"{prefix}.post_tile_positional_embedding.gate"),
    )


def mllama(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Local layers over tiles, then gated global ones; no bias in attention."""
    shape = keys.plain_blocks(config)._replace(qkv_bias=False, out_bias=False, norms=NORMS)
    deep = shape._replace(depth=config.count("num_global_layers", most=10_000))
    gates = (
        scalar(f"{prefix}.global_transformer.layers.gate_attn"),
        scalar(f"{prefix}.global_transformer.layers.gate_ffn"),
    )
    return (
        *encoder.table(f"{prefix}.class_embedding", 1, shape.width),
        *encoder.patches(f"{prefix}.patch_embedding", shape.width, keys.patch(config), bias=False),
        *tiles(config, prefix, shape.width),
        *encoder.layer_norm(f"{prefix}.layernorm_pre", shape.width),
        *encoder.layer_norm(f"{prefix}.layernorm_post", shape.width),
        *encoder.blocks(f"{prefix}.transformer.layers", shape),
        *encoder.blocks(f"{prefix}.global_transformer.layers", deep),
        *encoder.repeated(gates, deep.depth),
    )


def llama4(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """A class token at the end, and an adapter behind the pixel shuffle."""
    shape: Blocks = keys.plain_blocks(config)._replace(norms=NORMS)
    outer, adapter = config.size("projector_output_dim"), f"{prefix}.vision_adapter.mlp"
    return (
        *encoder.table(f"{prefix}.class_embedding", 1, shape.width),
        *encoder.patches(f"{prefix}.patch_embedding.linear", shape.width, keys.patch(config), bias=False),
        *encoder.table(f"{prefix}.positional_embedding_vlm", keys.grid(config) + 1, shape.width),
        *encoder.layer_norm(f"{prefix}.layernorm_pre", shape.width),
        *encoder.layer_norm(f"{prefix}.layernorm_post", shape.width),
        *encoder.blocks(f"{prefix}.model.layers", shape),
        *encoder.chain(adapter, ("fc1",), (shape.ffn, config.size("projector_input_dim")), bias=False),
        *encoder.chain(adapter, ("fc2",), (outer, outer), bias=False),
    )


TOWERS = {"mllama_vision_model": mllama, "llama4_vision_model": llama4}
