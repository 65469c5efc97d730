"""A decoder by its traits, as frameworks with words of their own describe it, in keys of a Hugging Face config.

Each set of traits is given the published architecture with the same matrices, so that parameters are counted as built.
"""

from __future__ import annotations

from planner.model.config import MOST_LAYERS
from planner.record import NamedTuple


class Latent(NamedTuple):
    """Multi-head latent attention (DeepSeek-V2)."""

    kv_rank: int | None
    query_rank: int | None = None
    plain: int | None = None
    """Elements of a head without rotary positions."""
    rotary: int | None = None
    value: int | None = None


class Mixture(NamedTuple):
    """Experts in place of a network."""

    experts: int | None
    taken: int | None
    """Experts for each token."""
    width: int | None = None
    shared_width: int = 0
    dense_first: int = 0
    """Layers before the first with experts."""
    step: int = 1
    """Every so many layers have experts."""


class Decoder(NamedTuple):
    """What makes the parameters of a decoder. A size that is not stated is None, and the model then is not counted."""

    hidden: int | None
    layers: int | None
    heads: int | None
    width: int | None
    vocabulary: int | None
    kv_heads: int | None = None
    head_size: int | None = None
    context: int | None = None
    gated: bool = False
    bias: bool = True
    """Of the matrices."""
    qkv_bias: bool | None = None
    """Of query, key and value, where these differ from the others."""
    root_norm: bool = False
    """RMSNorm instead of LayerNorm."""
    learned: bool = False
    """Positions are learned."""
    tied: bool = True
    latent: Latent | None = None
    mixture: Mixture | None = None


def config(decoder: Decoder) -> dict[str, object]:
    """Keys of a config.json for `decoder`."""
    keys: dict[str, object] = {
        "model_type": _kind(decoder),
        "hidden_size": decoder.hidden,
        "num_hidden_layers": decoder.layers,
        "num_attention_heads": decoder.heads,
        "intermediate_size": decoder.width,
        "vocab_size": decoder.vocabulary,
        "tie_word_embeddings": decoder.tied,
        "attention_bias": decoder.bias,
        "mlp_bias": decoder.bias,
    }
    stated = {
        "num_key_value_heads": decoder.kv_heads or decoder.heads,
        "head_dim": decoder.head_size,
        "max_position_embeddings": decoder.context,
    }
    keys.update((key, value) for key, value in stated.items() if value is not None)
    if keys["model_type"] == "gpt2":
        keys["n_inner"] = decoder.width
    return keys | _experts(decoder) | _latent(decoder)


def _kind(decoder: Decoder) -> str:
    """The published architecture with these matrices."""
    mixture = decoder.mixture
    if decoder.latent is not None:
        return "deepseek_v3"
    if mixture is not None:
        return "mixtral" if mixture.step == 1 and not mixture.shared_width and not mixture.dense_first else "qwen2_moe"
    if decoder.gated:
        return "qwen2" if decoder.qkv_bias and not decoder.bias else "llama"
    if decoder.root_norm:
        return "arcee"
    plain = decoder.kv_heads in (None, decoder.heads) and _even(decoder)
    return "gpt2" if decoder.learned and decoder.bias and plain else "nemotron"


def _even(decoder: Decoder) -> bool:
    """Whether the heads share out the hidden size."""
    if decoder.head_size is None or not decoder.hidden or not decoder.heads:
        return True
    return decoder.head_size * decoder.heads == decoder.hidden


def _experts(decoder: Decoder) -> dict[str, object]:
    mixture = decoder.mixture
    if mixture is None:
        return {"first_k_dense_replace": decoder.layers} if decoder.latent is not None else {}
    width = mixture.width or decoder.width
    if decoder.latent is not None:
        return {
            "n_routed_experts": mixture.experts,
            "num_experts_per_tok": mixture.taken,
            "moe_intermediate_size": width,
            "n_shared_experts": mixture.shared_width // width if width else 0,
            "first_k_dense_replace": mixture.dense_first,
        }
    if _kind(decoder) == "mixtral":
        return {"num_local_experts": mixture.experts, "num_experts_per_tok": mixture.taken, "intermediate_size": width}
    return {
        "num_experts": mixture.experts,
        "num_experts_per_tok": mixture.taken,
        "moe_intermediate_size": width,
        "shared_expert_intermediate_size": mixture.shared_width,
        "decoder_sparse_step": mixture.step,
        "mlp_only_layers": list(range(min(mixture.dense_first, MOST_LAYERS))),
    }


def _latent(decoder: Decoder) -> dict[str, object]:
    latent = decoder.latent
    if latent is None:
        return {}
    return {
        "kv_lora_rank": latent.kv_rank,
        "q_lora_rank": latent.query_rank,
        "qk_nope_head_dim": latent.plain,
        "qk_rope_head_dim": latent.rotary,
        "v_head_dim": latent.value,
    }


def rounded_up(number: int | None, multiple: int) -> int | None:
    """`number` padded to a multiple, as vocabularies and widths are."""
    return None if number is None else -(-number // multiple) * multiple if multiple > 0 else number


def gated_width(hidden: int, factor: float | None, multiple: int) -> int | None:
    """Llama's width: two thirds of 4 × hidden, times a factor, rounded up (meta-llama/llama, FeedForward)."""
    width = int(2 * 4 * hidden / 3)
    return rounded_up(int(factor * width) if factor else width, multiple)
