"""What leads from an audio tower into the language model."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families.towers.projectors import PREFIX, TWO
from planner.model.parts.basic import norm
from planner.model.parts.towers import encoder
from planner.model.stack import Tensor


def gemma3n(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Gemma 3n's embedder: a small vocabulary of its own, norms, one matrix."""
    prefix, inner = "embed_audio", audio.size("hidden_size")
    matrix = encoder.chain(prefix, ("embedding_projection",), (inner, text.size("hidden_size")), bias=False)
    return (
        *encoder.table(f"{prefix}.embedding", audio.size("vocab_size"), inner),
        *norm(f"{prefix}.hard_embedding_norm", inner),
        *norm(f"{prefix}.soft_embedding_norm", inner),
        *matrix,
    )


def gemma4_audio(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Gemma 4: one matrix; the norm before it has no scale."""
    widths = (audio.size("output_proj_dims", 1536), text.size("hidden_size"))
    return encoder.chain("embed_audio", ("embedding_projection",), widths, bias=False)


def gemma4_frames(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Gemma 4 12B: the same from the samples of a frame."""
    widths = (audio.size("audio_embed_dim"), text.size("hidden_size"))
    return encoder.chain("embed_audio", ("embedding_projection",), widths, bias=False)


def one(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """One matrix with a bias (Qwen2-Audio)."""
    return encoder.chain(PREFIX, ("linear",), (audio.size("hidden_size"), text.size("hidden_size")))


def voxtral(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Two matrices on four joined frames (as wide as the encoder's networks)."""
    hidden = text.size("hidden_size")
    return encoder.chain(PREFIX, TWO, (audio.size("intermediate_size"), hidden, hidden), bias=False)


def asr(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Two matrices to `output_dim` (Qwen3-ASR)."""
    inner = audio.size("hidden_size")
    return encoder.chain(PREFIX, TWO, (inner, inner, audio.size("output_dim")))


def flamingo(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Two matrices with biases (Audio Flamingo 3)."""
    hidden = text.size("hidden_size")
    return encoder.chain(PREFIX, TWO, (audio.size("hidden_size"), hidden, hidden), config.flag("projector_bias", True))


def phi4_audio(config: Config, text: Config, audio: Config) -> tuple[Tensor, ...]:
    """Two matrices for speech alone, two for speech beside an image."""
    inner, hidden, prefix = audio.size("hidden_size"), text.size("hidden_size"), "embed_tokens_extend.audio_embed"
    widths = (inner * audio.size("downsample_rate", 1), hidden, hidden)
    return (
        *encoder.chain(prefix, ("up_proj_for_speech", "down_proj_for_speech"), widths),
        *encoder.chain(prefix, ("up_proj_for_vision_speech", "down_proj_for_vision_speech"), widths),
    )
