"""Vision towers that share nothing but the transformer: Pixtral, Kimi, MiniMax, Muse, Step, Gemma 4 and Hunyuan."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers import keys
from planner.model.parts.basic import norm
from planner.model.parts.towers import encoder
from planner.model.parts.towers.encoder import Blocks
from planner.model.stack import Tensor


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


def gemma4_patches(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Gemma 4 12B has no tower: one matrix on merged patches between norms, positions by row and by column."""
    side, width = config.size("patch_size") * config.size("pooling_kernel_size"), config.size("mm_embed_dim")
    pixels = 3 * side * side
    return (
        *encoder.layer_norm(f"{prefix}.patch_ln1", pixels),
        *encoder.chain(prefix, ("patch_dense",), (pixels, width)),
        *encoder.layer_norm(f"{prefix}.patch_ln2", width),
        *encoder.table(f"{prefix}.pos_embedding", 2 * config.size("mm_posemb_size"), width),
        *encoder.layer_norm(f"{prefix}.pos_norm", width),
    )


def gemma4_frames(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Its frames of sound go through nothing before the matrix that leads into the language model."""
    return ()


def hunyuan(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """HunyuanOCR: SigLIP's layers, learned positions for the largest image and one more."""
    shape = keys.plain_blocks(config)
    side = config.size("max_image_size") // config.size("patch_size")
    return (
        *encoder.patches(f"{prefix}.embeddings.patch_embedding", shape.width, keys.patch(config)),
        *encoder.table(f"{prefix}.embeddings.position_embedding", side * side + 1, shape.width),
        *encoder.blocks(f"{prefix}.layers", shape),
    )


TOWERS = {
    "pixtral": pixtral, "kimi_k25_vision": kimi, "kimi_k3_vision": kimi, "minimax_m3_vl_vision": minimax,
    "muse_glimmer_vision": muse, "step3p5_vision": step, "gemma4_vision": gemma4,
    "gemma4_unified_vision": gemma4_patches, "gemma4_unified_audio": gemma4_frames,
    "hunyuan_vl_vision": hunyuan,
}  # fmt: skip
