"""Audio towers: Whisper's encoder (Radford et al. 2022) in its variants, and the Conformers of Gemma and Phi-4."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.parts.basic import linear
from planner.model.parts.towers import encoder, sound
from planner.model.parts.towers.encoder import PART
from planner.model.stack import Tensor


def layers(config: Config, prefix: str, key_bias: bool = False) -> tuple[Tensor, ...]:
    """The layers of an encoder like Whisper's."""
    depth = config.size("num_hidden_layers", most=10_000)
    return sound.whisper_layers(prefix, config.size("hidden_size"), config.size("intermediate_size"), depth, key_bias)


def whisper(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Whisper's encoder."""
    width = config.size("hidden_size")
    return (
        *sound.whisper_input(prefix, width, config.size("num_mel_bins"), config.size("max_source_positions")),
        *layers(config, prefix),
        *encoder.layer_norm(f"{prefix}.layer_norm", width),
    )


def qwen2_audio(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """The same; its config names the networks' width as Whisper's does."""
    return whisper(config.with_values(intermediate_size=config.get("encoder_ffn_dim")), prefix)


def omni(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen2.5-Omni: fixed positions, tokens for begin and end, and one matrix into the language model."""
    config = config.with_values(intermediate_size=config.get("encoder_ffn_dim"))
    width, outer = config.size("hidden_size"), config.size("output_dim")
    return (
        *sound.whisper_input(prefix, width, config.size("num_mel_bins"), 0),
        *layers(config, prefix),
        *encoder.table(f"{prefix}.audio_bos_eos_token", 2, outer),
        *encoder.layer_norm(f"{prefix}.ln_post", width),
        *linear(f"{prefix}.proj", width, outer, PART, True),
    )


def strided(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen3's audio encoder: strided convolutions before, all biases."""
    width = config.size("hidden_size")
    return (
        *sound.strided_input(prefix, width, config.size("num_mel_bins"), config.size("downsample_hidden_size")),
        *layers(config, prefix, key_bias=True),
        *encoder.layer_norm(f"{prefix}.ln_post", width),
    )


def qwen3_omni(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Qwen3-Omni: two matrices into the language model."""
    width = config.size("hidden_size")
    widths = (width, width, config.size("output_dim"))
    return (*strided(config, prefix), *encoder.chain(prefix, ("proj1", "proj2"), widths))


def gemma4(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Gemma 4's Conformer on two strided convolutions."""
    width = config.size("hidden_size")
    channels = config.counts("subsampling_conv_channels") or (128, 32)
    if len(channels) != 2:
        raise config.error("subsampling_conv_channels", "must be two widths")
    return (
        *sound.subsampling(f"{prefix}.subsample_conv_projection", channels[0], channels[1], channels[0], width),
        *sound.light_conformer(
            f"{prefix}.layers",
            width,
            width // config.size("num_attention_heads"),
            config.size("conv_kernel_size"),
            config.layers(),
        ),
        *linear(f"{prefix}.output_proj", width, config.size("output_proj_dims", 1536), PART, True),
    )


def gemma3n(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Gemma 3n's Conformer; its keys begin with conf_."""
    width = config.size("hidden_size")
    channels = config.counts("sscp_conv_channel_size") or (128, 32)
    if len(channels) != 2:
        raise config.error("sscp_conv_channel_size", "must be two widths")
    bins = config.size("input_feat_size")
    return (
        *sound.subsampling(f"{prefix}.subsample_conv_projection", channels[0], channels[1], bins, width),
        *sound.light_conformer(
            f"{prefix}.conformer",
            width,
            width // config.size("conf_num_attention_heads"),
            config.size("conf_conv_kernel_size"),
            config.size("conf_num_hidden_layers", most=10_000),
        ),
    )


def phi4(config: Config, prefix: str) -> tuple[Tensor, ...]:
    """Phi-4-multimodal's Conformer: three strided convolutions, learned distances, Conformer layers."""
    width, channels = config.size("hidden_size"), config.size("nemo_conv_channels")
    steps = config.size("time_reduction", 8).bit_length() - 1
    bins = config.size("input_size")
    for _ in range(steps):
        bins = (bins + 1) // 2
    distances = config.size("bias_max_distance") * (1 if config.flag("bias_symmetric") else 2)
    depthwise = encoder.repeated(
        (
            *encoder.patches(f"{prefix}.embed.conv.depthwise", channels, 9),
            *encoder.patches(f"{prefix}.embed.conv.pointwise", channels, channels),
        ),
        steps - 1,
    )
    return (
        *encoder.patches(f"{prefix}.embed.conv.0", channels, 9),
        *depthwise,
        *linear(f"{prefix}.embed.out", channels * bins, width, PART, True),
        *encoder.table(f"{prefix}.relative_attention_bias_layer", distances, config.size("num_attention_heads")),
        *sound.conformer(
            f"{prefix}.encoders",
            width,
            config.size("intermediate_size"),
            config.size("kernel_size"),
            config.size("num_blocks", most=10_000),
            (config.size("ext_pw_out_channel", width), config.size("depthwise_separable_out_channel", width)),
        ),
    )


TOWERS = {
    "qwen2_audio_encoder": qwen2_audio, "audioflamingo3_encoder": qwen2_audio, "voxtral_encoder": whisper,
    "qwen2_5_omni_audio_encoder": omni, "qwen3_omni_moe_audio_encoder": qwen3_omni, "qwen3_asr_encoder": strided,
    "gemma4_audio": gemma4, "gemma3n_audio": gemma3n, "phi4_multimodal_audio": phi4,
}  # fmt: skip
