"""The vision towers of Qwen2-VL (Wang et al. 2024) to Qwen3.5, with the merger of 2 × 2 patches."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.basic import norm
from planner.model.parts.towers import encoder
from planner.model.parts.towers.encoder import Blocks
from planner.model.stack import Tensor

NORMS = ("norm1", "norm2")


def merged(config: Config, width: int) -> int:
    """Elements of the patches that the merger joins."""
    side = config.size("spatial_merge_size", 2)
    return width * side * side


def qwen2(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen2-VL: `embed_dim` wide inside, `hidden_size` outside."""
    width, outer = config.size("embed_dim"), config.size("hidden_size")
    shape = Blocks(width, int(width * config.number("mlp_ratio", 4.0)), config.layers(), fused=True, norms=NORMS)
    joined = merged(config, width)
    return (
        *encoder.patches(f"{prefix}.patch_embed.proj", width, keys.clip_patch(config), bias=False),
        *encoder.blocks(f"{prefix}.blocks", shape),
        *encoder.layer_norm(f"{prefix}.merger.ln_q", width),
        *encoder.chain(f"{prefix}.merger.mlp", ("0", "2"), (joined, joined, outer)),
    )


def qwen2_5(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen2.5-VL: gated networks and RMSNorm; attention mostly within windows. EXAONE 4.5's has fewer KV heads."""
    width = config.size("hidden_size")
    heads = config.size("num_heads")
    shape = keys.plain_blocks(config)._replace(
        kv=(config.optional("num_key_value_heads") or heads) * (width // heads),
        gated=True, fused=True, norm_bias=False, norms=NORMS,
    )  # fmt: skip
    joined = merged(config, width)
    return (
        *encoder.patches(f"{prefix}.patch_embed.proj", width, keys.clip_patch(config), bias=False),
        *encoder.blocks(f"{prefix}.blocks", shape),
        *norm(f"{prefix}.merger.ln_q", width),
        *encoder.chain(f"{prefix}.merger.mlp", ("0", "2"), (joined, joined, config.size("out_hidden_size"))),
    )


def merger(name: str, config: Config, normed: int) -> tuple[Tensor, ...]:
    """Norm over `normed` elements and two matrices."""
    joined = merged(config, config.size("hidden_size"))
    widths = (joined, joined, config.size("out_hidden_size"))
    return (*encoder.layer_norm(f"{name}.norm", normed), *encoder.chain(name, ("linear_fc1", "linear_fc2"), widths))


def qwen3(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen3-VL: learned positions, and a merger for each layer whose output enters the language model (DeepStack)."""
    width = config.size("hidden_size")
    shape = keys.plain_blocks(config)._replace(fused=True, norms=NORMS)
    deep = len(config.counts("deepstack_visual_indexes") or ())
    entry = merger(f"{prefix}.deepstack_merger_list", config, merged(config, width))
    return (
        *encoder.patches(f"{prefix}.patch_embed.proj", width, keys.clip_patch(config)),
        *encoder.table(f"{prefix}.pos_embed", config.size("num_position_embeddings"), width),
        *encoder.blocks(f"{prefix}.blocks", shape),
        *merger(f"{prefix}.merger", config, width),
        *encoder.repeated(entry, deep),
    )


def qwen3_5(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen3.5: as Qwen3-VL, with one merger."""
    return qwen3(config.with_values(deepstack_visual_indexes=()), prefix)


TOWERS = {
    "qwen2_vl_vision": qwen2, "qwen2_5_vl_vision": qwen2_5, "qwen2_5_omni_vision_encoder": qwen2_5,
    "exaone4_5_vision": qwen2_5, "qwen3_vl_vision": qwen3, "qwen3_vl_moe_vision": qwen3,
    "qwen3_omni_moe_vision_encoder": qwen3, "qwen3_5_vision": qwen3_5, "qwen3_5_moe_vision": qwen3_5,
}  # fmt: skip
