"""Vision towers that share nothing but the transformer: InternVL, Pixtral, Kimi, MiniMax, Muse, Step and Gemma 4."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.basic import norm
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


def radio(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """C-RADIO (Ranzinger et al. 2024): class tokens and registers, positions for the largest image, patches of clips too."""
    width, bias = config.size("hidden_size"), config.flag("qkv_bias", True)
    ffn = int(width * config.number("mlp_ratio", 4.0))
    shape = Blocks(width, ffn, config.layers(), qkv_bias=bias, norms=("norm1", "norm2"), scales=2)
    side, largest = config.size("patch_size"), config.size("max_img_size")
    frames = config.count("video_temporal_patch_size")
    inputs = keys.patch(config)
    return (
        *encoder.table(f"{prefix}.embeddings.position_embedding", (largest // side) ** 2, width),
        *encoder.table(
            f"{prefix}.embeddings.cls_register_token",
            config.count("num_cls_tokens") + config.count("num_registers"),
            width,
        ),
        *encoder.patches(f"{prefix}.embeddings.patch_projection", width, inputs, bias=False),
        *(
            encoder.patches(f"{prefix}.embeddings.video_patch_projection", width, frames * inputs, bias=False)
            if frames
            else ()
        ),
        *encoder.blocks(f"{prefix}.encoder.layer", shape),
    )


def intern_vit(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """InternViT under the keys of its own repository."""
    found = {"attention_bias": config.flag("qkv_bias"), "use_qk_norm": config.flag("qk_normalization")}
    return internvl(config.with_values(**found), prefix)


def pixtral(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Pixtral (Agrawal et al. 2024): gated networks, RMSNorm, no bias, rotary positions."""
    shape = keys.plain_blocks(config)._replace(
        gated=True,
        qkv_bias=False,
        out_bias=False,
        ffn_bias=False,
        norm_bias=False,
        norms=("attention_norm", "ffn_norm"),
    )
    return (
        *encoder.patches(f"{prefix}.patch_conv", shape.width, keys.patch(config), bias=False),
        *norm(f"{prefix}.ln_pre", shape.width),
        *encoder.blocks(f"{prefix}.transformer.layers", shape),
    )


OLDER_KIMI = {"vt_hidden_size": "hidden_size", "vt_intermediate_size": "intermediate_size",
              "vt_num_hidden_layers": "num_hidden_layers", "init_pos_emb_height": "pos_emb_height",
              "init_pos_emb_width": "pos_emb_width"}  # fmt: skip
"""Keys as the first checkpoints write them."""


def kimi(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """MoonViT (Kimi Team 2025): learned positions on a grid, which are interpolated; K3's has no biases."""
    config = config.with_values(**{new: config.get(old) for old, new in OLDER_KIMI.items() if config.states(old)})
    bias, shift = config.flag("attn_bias", True), config.word("norm_type", "layernorm") != "rmsnorm"
    shape = keys.plain_blocks(config)._replace(
        query=config.count("qkv_hidden_size"), qkv_bias=bias, out_bias=bias, ffn_bias=config.flag("linear_bias", True),
        norm_bias=shift, norms=("norm1", "norm2"),
    )  # fmt: skip
    rows = config.size("pos_emb_height", 64) * config.size("pos_emb_width", 64)
    patch_bias = config.flag("patch_embed_proj_bias", True)
    return (
        *encoder.patches(f"{prefix}.patch_embed.proj", shape.width, keys.patch(config), patch_bias),
        *encoder.table(f"{prefix}.patch_embed.pos_emb", rows, shape.width),
        *encoder.blocks(f"{prefix}.encoder.blocks", shape),
        *norm(f"{prefix}.encoder.final_layernorm", shape.width, shift),
    )


def minimax(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """CLIP's layers on patches of clips, without class token and positions."""
    shape = keys.plain_blocks(config)
    return (
        *encoder.patches(f"{prefix}.embeddings.proj", shape.width, keys.clip_patch(config), bias=False),
        *encoder.layer_norm(f"{prefix}.pre_layrnorm", shape.width),
        *encoder.blocks(f"{prefix}.layers", shape),
    )


def muse(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Learned positions on a grid, norms before and after the layers."""
    shape = keys.plain_blocks(config)._replace(norms=("norm1", "norm2"))
    rows = config.size("pos_emb_height") * config.size("pos_emb_width")
    inputs = config.size("patch_temporal") * keys.patch(config)
    return (
        *encoder.patches(f"{prefix}.patch_embedder.patch_embedding", shape.width, inputs, bias=False),
        *encoder.table(f"{prefix}.patch_embedder.position_embedding_table", rows, shape.width),
        *encoder.layer_norm(f"{prefix}.ln_pre", shape.width),
        *encoder.blocks(f"{prefix}.layers", shape),
        *encoder.layer_norm(f"{prefix}.ln_post", shape.width),
    )


def step(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Layer scales, and two strided convolutions that double the channels behind the layers."""
    config = config.with_values(
        **{
            new: config.get(old)
            for old, new in (("width", "hidden_size"), ("layers", "num_hidden_layers"))
            if config.states(old)
        }
    )
    width = config.size("hidden_size")
    ffn = int(width * config.number("mlp_ratio", 8960 / 1536))
    shape = Blocks(width, ffn, config.layers(), norms=("layernorm_before", "layernorm_after"), scales=2)
    return (
        *encoder.patches(f"{prefix}.embeddings.patch_embedding", width, keys.patch(config), bias=False),
        *encoder.table(f"{prefix}.embeddings.position_embedding", keys.grid(config), width),
        *encoder.layer_norm(f"{prefix}.pre_layernorm", width),
        *encoder.blocks(f"{prefix}.layers", shape),
        *encoder.patches(f"{prefix}.downsampler1", 2 * width, 9 * width),
        *encoder.patches(f"{prefix}.downsampler2", 4 * width, 9 * 2 * width),
    )


def gemma4(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Gemma 4: layers as the language model's, positions by row and by column."""
    heads = config.size("num_attention_heads")
    size = config.optional("head_dim") or config.size("hidden_size") // heads
    names = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")
    shape = keys.plain_blocks(config)._replace(
        query=heads * size, kv=(config.optional("num_key_value_heads") or heads) * size, gated=True, qkv_bias=False,
        out_bias=False, ffn_bias=False, norm_bias=False, head_norm=size, norms=names,
    )  # fmt: skip
    return (
        *encoder.patches(f"{prefix}.patch_embedder.input_proj", shape.width, keys.patch(config), bias=False),
        *encoder.table(
            f"{prefix}.patch_embedder.position_embedding_table", 2 * config.size("position_embedding_size"), shape.width
        ),
        *encoder.blocks(f"{prefix}.encoder.layers", shape),
    )


TOWERS = {
    "internvl_vision": internvl, "qianfan_ocr_vision": internvl, "intern_vit_6b": intern_vit, "radio": radio, "pixtral": pixtral, "kimi_k25_vision": kimi, "kimi_k3_vision": kimi,
    "minimax_m3_vl_vision": minimax,
    "muse_glimmer_vision": muse, "step3p5_vision": step, "gemma4_vision": gemma4,
}  # fmt: skip
