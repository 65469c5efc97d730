"""InternViT (Chen et al. 2024) in its variants, and C-RADIO."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.towers import encoder
from planner.model.parts.towers.encoder import Blocks
from planner.model.stack import Tensor


def internvl(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """InternViT (Chen et al. 2024): a class token, layer scales, optional norms of whole queries and keys."""
    bias, width = config.flag("attention_bias"), config.size("hidden_size")
    shape = keys.plain_blocks(config)._replace(
        qkv_bias=bias, norms=("layernorm_before", "layernorm_after"), scales=2,
        norm_bias=config.word("norm_type", "layer_norm") == "layer_norm",
        head_norm=width if config.flag("use_qk_norm") else 0,
    )  # fmt: skip
    positions = keys.grid(config) + 1 if config.flag("use_absolute_position_embeddings", True) else 0
    return (
        *encoder.table(f"{prefix}.embeddings.cls_token", 1 + int(config.flag("use_mask_token")), width),
        *encoder.table(f"{prefix}.embeddings.position_embeddings", positions, width),
        *encoder.patches(f"{prefix}.embeddings.patch_embeddings.projection", width, keys.patch(config)),
        *encoder.blocks(f"{prefix}.encoder.layer", shape),
        *(() if config.flag("use_mean_pooling", True) else encoder.layer_norm(f"{prefix}.layernorm", width)),
    )


def intern_vit(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """InternViT under the keys of its own repository."""
    found = {"attention_bias": config.flag("qkv_bias"), "use_qk_norm": config.flag("qk_normalization")}
    return internvl(config.with_values(**found), prefix)


def radio(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """C-RADIO (Ranzinger et al. 2024): several class tokens, positions for the largest image, patches of clips too."""
    width, bias = config.size("hidden_size"), config.flag("qkv_bias", True)
    ffn = int(width * config.number("mlp_ratio", 4.0))
    shape = Blocks(width, ffn, config.layers(), qkv_bias=bias, norms=("norm1", "norm2"), scales=2)
    side, largest = config.size("patch_size"), config.size("max_img_size")
    frames = config.count("video_temporal_patch_size")
    inputs, tokens = keys.patch(config), config.count("num_cls_tokens") + config.count("num_registers")
    clips = encoder.patches(f"{prefix}.embeddings.video_patch_projection", width, frames * inputs, bias=False)
    return (
        *encoder.table(f"{prefix}.embeddings.position_embedding", (largest // side) ** 2, width),
        *encoder.table(f"{prefix}.embeddings.cls_register_token", tokens, width),
        *encoder.patches(f"{prefix}.embeddings.patch_projection", width, inputs, bias=False),
        *(clips if frames else ()),
        *encoder.blocks(f"{prefix}.encoder.layer", shape),
    )


TOWERS = {
    "internvl_vision": internvl, "qianfan_ocr_vision": internvl, "intern_vit_6b": intern_vit, "radio": radio,
}  # fmt: skip
