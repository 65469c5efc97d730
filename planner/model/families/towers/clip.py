"""CLIP (Radford et al. 2021), SigLIP (Zhai et al. 2023) and the towers of Idefics-3 and Phi-4."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.towers import encoder
from planner.model.stack import Tensor


def clip(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """A class token, a norm before the layers and one after."""
    shape = keys.plain_blocks(config)
    return (
        *encoder.table(f"{prefix}.embeddings.class_embedding", 1, shape.width),
        *encoder.patches(f"{prefix}.embeddings.patch_embedding", shape.width, keys.patch(config), bias=False),
        *encoder.table(f"{prefix}.embeddings.position_embedding", keys.grid(config) + 1, shape.width),
        *encoder.layer_norm(f"{prefix}.pre_layrnorm", shape.width),
        *encoder.blocks(f"{prefix}.encoder.layers", shape),
        *encoder.layer_norm(f"{prefix}.post_layernorm", shape.width),
    )


def pooled(config: Config, prefix: str, positions: int, head: bool) -> tuple[Tensor, ...]:
    """No class token; a norm after the layers, and a head unless told not to."""
    shape = keys.plain_blocks(config)
    return (
        *encoder.patches(f"{prefix}.embeddings.patch_embedding", shape.width, keys.patch(config)),
        *encoder.table(f"{prefix}.embeddings.position_embedding", positions, shape.width),
        *encoder.blocks(f"{prefix}.encoder.layers", shape),
        *encoder.layer_norm(f"{prefix}.post_layernorm", shape.width),
        *(encoder.pooling_head(f"{prefix}.head", shape.width, shape.ffn) if head else ()),
    )


def siglip(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """SigLIP: `vision_use_head` (true unless stated) adds the head, which language models do not use."""
    return pooled(config, prefix, keys.grid(config), config.flag("vision_use_head", True))


def unplaced(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """SigLIP with rotary positions and no head (VideoLLaMA 3)."""
    return pooled(config, prefix, 0, head=False)


def siglip2(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """SigLIP-2 for images of any shape: `num_patches` positions."""
    return pooled(config, prefix, config.size("num_patches"), config.flag("vision_use_head", True))


def idefics(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """SigLIP without a head."""
    return pooled(config, prefix, keys.grid(config), head=False)


def phi4(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """SigLIP with a head."""
    return pooled(config, prefix, keys.grid(config), head=True)


TOWERS = {
    "clip_vision_model": clip, "siglip_vision_model": siglip, "siglip2_vision_model": siglip2,
    "idefics3_vision": idefics, "smolvlm_vision": idefics, "paddleocr_vl_vision": idefics,
    "video_llama_3_vision": unplaced, "phi4_multimodal_vision": phi4,
}  # fmt: skip
