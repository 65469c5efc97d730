"""Nemotron-H (NVIDIA 2025): every layer is one thing, Mamba-2, attention, a plain network or a mixture of experts."""

from __future__ import annotations

from planner.model.config import Config
from planner.model.families import common, hybrid
from planner.model.parts import ffn
from planner.model.parts.attention import Names, Options
from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import NO_MIXER, FeedForward, Mixer, layer, stack
from planner.model.parts.moe import Experts, Router, moe
from planner.model.parts.recurrent_mamba import Mamba2, mamba2
from planner.model.stack import Architecture, Layer, Tensor

LETTERS = {"M": hybrid.LINEAR, "E": "moe", "*": common.FULL, "-": "mlp"}
"""As `hybrid_override_pattern` writes the layers."""


def pattern(config: Config, list_key: str, letters_key: str) -> tuple[str, ...] | None:
    """The kinds of layers as a list, or in letters."""
    stated = config.words(list_key)
    if stated is not None:
        return tuple(hybrid.OLDER_NAMES.get(kind, kind) for kind in stated)
    letters = config.word(letters_key)
    unknown = sorted(set(letters) - set(LETTERS))
    if unknown:
        raise config.error(letters_key, f"holds {unknown[0]!r}; its letters are {' '.join(LETTERS)}")
    return tuple(LETTERS[letter] for letter in letters) or None


def state_space(config: Config) -> Mixer:
    """Mamba-2 of mamba_num_heads × mamba_head_dim channels."""
    heads = config.size("mamba_num_heads")
    shape = Mamba2(
        inner=heads * config.size("mamba_head_dim"),
        size=config.size("ssm_state_size"),
        kernel=config.size("conv_kernel" if not config.states("mamba_d_conv") else "mamba_d_conv"),
        heads=heads,
        groups=config.size("n_groups" if not config.states("mamba_n_groups") else "mamba_n_groups"),
        bias=config.flag("use_bias"),
        conv_bias=config.flag("use_conv_bias" if not config.states("mamba_conv_bias") else "mamba_conv_bias", True),
    )
    return mamba2(config.size("hidden_size"), shape)


def attention(config: Config) -> Mixer:
    """Attention without biases; older configs call the heads' size `attention_head_dim`."""
    size = config.get("attention_head_dim") if not config.states("head_dim") else None
    stated = config if size is None else config.with_values(head_dim=size)
    return common.attend(stated, common.FULL, Options(names=Names("mixer")))


def experts(config: Config) -> FeedForward:
    """Experts of two matrices, on a narrower input where `moe_latent_size` is stated; the shared one sees all of it."""
    hidden, inner = config.size("hidden_size"), config.count("moe_latent_size")
    count = config.size("n_routed_experts")
    routed = Experts(
        count, config.size("num_experts_per_tok"), config.size("moe_intermediate_size"), gated=False, inner=inner
    )
    shared = config.count("moe_shared_expert_intermediate_size")
    bias = config.flag("mlp_bias")
    further: tuple[Tensor, ...] = ffn.plain(
        hidden, shared, bias, "mixer.shared_experts.up_proj", "mixer.shared_experts.down_proj"
    ).tensors
    if inner:
        further += linear("mixer.fc1_latent_proj", hidden, inner, "ffn", bias)
        further += linear("mixer.fc2_latent_proj", inner, hidden, "ffn", bias)
    return moe(hidden, routed, Router("mixer.gate"), shared, further, "mixer.experts")


def build(config: Config, kind: str) -> Layer:
    """A layer of one kind behind its norm."""
    hidden, before = config.size("hidden_size"), norm("norm", config.size("hidden_size"))
    if kind == hybrid.LINEAR:
        return layer(state_space(config), norms=before)
    if kind == common.FULL:
        return layer(attention(config), norms=before)
    if kind == "moe":
        return layer(NO_MIXER, experts(config), before)
    width = config.size("intermediate_size")
    network = ffn.plain(hidden, width, config.flag("mlp_bias"), "mixer.up_proj", "mixer.down_proj")
    return layer(NO_MIXER, network, before)


def predictor(config: Config) -> tuple[Tensor, ...]:
    """Layers for predicting further tokens, which checkpoints hold and engines load for speculative decoding alone."""
    count = config.count("num_nextn_predict_layers", most=64)
    if not count:
        return ()
    hidden = config.size("hidden_size")
    kinds = pattern(config, "mtp_layers_block_type", "mtp_hybrid_override_pattern") or (common.FULL, "moe")
    layers = [tensor for kind in kinds for tensor in build(config, kind).tensors]
    joint = (*linear("eh_proj", 2 * hidden, hidden, "other"), *norm("enorm", hidden), *norm("hnorm", hidden))
    one = (*joint, *layers, *norm("final_layernorm", hidden))
    return tuple(tensor._replace(name=f"mtp.{tensor.name}") for tensor in one) * count


def nemotron_h(config: Config) -> Architecture:
    """The pattern of layers decides how many there are."""
    kinds = pattern(config, "layers_block_type", "hybrid_override_pattern")
    if kinds is None:
        raise config.error("hybrid_override_pattern", "is missing")
    layers = stack(kinds, lambda kind: build(config, kind))
    return common.architecture(config, layers, stored_only=predictor(config))


FAMILIES = {"nemotron_h": nemotron_h}
