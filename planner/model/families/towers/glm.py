"""The vision towers of GLM-4.1V and 4.5V (GLM-V team 2025), GLM-OCR and GLM-5-Next."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.basic import norm
from planner.model.parts.towers import encoder
from planner.model.parts.towers.encoder import Blocks
from planner.model.stack import Tensor


def merger(config: Config, prefix: str, ffn: int) -> tuple[Tensor, ...]:
    """A strided convolution to the outer width, then a gated network."""
    width, outer = config.size("hidden_size"), config.size("out_hidden_size")
    side = config.size("spatial_merge_size", 2)
    return (
        *encoder.patches(f"{prefix}.downsample", outer, width * side * side),
        *encoder.chain(f"{prefix}.merger", ("proj",), (outer, outer), bias=False),
        *encoder.layer_norm(f"{prefix}.merger.post_projection_norm", outer),
        *encoder.chain(f"{prefix}.merger", ("gate_proj",), (outer, ffn), bias=False),
        *encoder.chain(f"{prefix}.merger", ("up_proj", "down_proj"), (outer, ffn, outer), bias=False),
    )


def tower(config: Config, prefix: str, shape: Blocks, ffn: int) -> tuple[Tensor, ...]:
    """Patches over clips, layers, a norm and the merger."""
    return (
        *encoder.patches(f"{prefix}.patch_embed.proj", shape.width, keys.clip_patch(config)),
        *encoder.blocks(f"{prefix}.blocks", shape),
        *norm(f"{prefix}.post_layernorm", shape.width),
        *merger(config, prefix, ffn),
    )


def blocks(config: Config, ffn: int, bias: bool) -> Blocks:
    """Gated networks, RMSNorm, query, key and value in one matrix."""
    return Blocks(
        config.size("hidden_size"), ffn, config.layers(), gated=True, fused=True, norm_bias=False,
        norms=("norm1", "norm2"), qkv_bias=config.flag("attention_bias"), out_bias=bias, ffn_bias=bias,
    )  # fmt: skip


def glm4v(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Networks as wide as the output; `intermediate_size` is the merger's. Learned positions."""
    width = config.size("hidden_size")
    return (
        *encoder.table(f"{prefix}.embeddings.position_embedding", keys.grid(config), width),
        *norm(f"{prefix}.post_conv_layernorm", width),
        *tower(config, prefix, blocks(config, config.size("out_hidden_size"), False), config.size("intermediate_size")),
    )


def normed_blocks(config: Config) -> Blocks:
    """Layers with norms of queries and keys per head, and biases."""
    bias = config.flag("attention_bias")
    head = config.size("hidden_size") // config.size("num_heads")
    return blocks(config, config.size("intermediate_size"), bias)._replace(head_norm=head)


def glm_ocr(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """The merger is as wide as the output times the channels of an image (transformers' GlmOcrVisionPatchMerger)."""
    return tower(config, prefix, normed_blocks(config), config.size("out_hidden_size") * keys.channels(config))


def glm5_next(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """The merger is `projection_intermediate_size` wide."""
    return tower(config, prefix, normed_blocks(config), config.size("projection_intermediate_size"))


TOWERS = {"glm4v_vision": glm4v, "glm4v_moe_vision": glm4v, "glm_ocr_vision": glm_ocr, "glm5_next_vision": glm5_next}
