"""What stands before and in the layers of audio encoders: convolutions over a spectrogram, and Conformer layers."""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.parts.towers import encoder
from planner.model.parts.towers.encoder import PART, Blocks
from planner.model.stack import Tensor


def whisper_layers(prefix: str, width: int, ffn: int, depth: int, key_bias: bool = False) -> tuple[Tensor, ...]:
    """Whisper's encoder layers (Radford et al. 2022): keys have no bias."""
    norms = ("self_attn_layer_norm", "final_layer_norm")
    return encoder.blocks(f"{prefix}.layers", Blocks(width, ffn, depth, key_bias=key_bias, norms=norms))


def whisper_input(prefix: str, width: int, bins: int, positions: int) -> tuple[Tensor, ...]:
    """Two convolutions over three frames, and a row for each of `positions` frames."""
    return (
        *encoder.patches(f"{prefix}.conv1", width, 3 * bins),
        *encoder.patches(f"{prefix}.conv2", width, 3 * width),
        *encoder.table(f"{prefix}.embed_positions", positions, width),
    )


def strided_input(prefix: str, width: int, bins: int, channels: int) -> tuple[Tensor, ...]:
    """Three convolutions that halve time and frequency, then one matrix."""
    halved = bins
    for _ in range(3):
        halved = (halved + 1) // 2
    return (
        *encoder.patches(f"{prefix}.conv2d1", channels, 9),
        *encoder.patches(f"{prefix}.conv2d2", channels, 9 * channels),
        *encoder.patches(f"{prefix}.conv2d3", channels, 9 * channels),
        *linear(f"{prefix}.conv_out", channels * halved, width, PART),
    )


def light_conformer(prefix: str, width: int, head: int, kernel: int, depth: int) -> tuple[Tensor, ...]:
    """Gemma's Conformer layers (Gulati et al. 2020): two half-step networks, local attention, a light convolution."""
    networks = tuple(
        tensor
        for name in ("feed_forward1", "feed_forward2")
        for tensor in (
            *encoder.chain(f"{prefix}.{name}", ("ffw_layer_1", "ffw_layer_2"), (width, 4 * width, width), bias=False),
            *norm(f"{prefix}.{name}.pre_layer_norm", width),
            *norm(f"{prefix}.{name}.post_layer_norm", width),
        )
    )
    matrices = ("q_proj", "k_proj", "v_proj", "post", "relative_k_proj")
    each = (
        *networks,
        *(t for name in matrices for t in linear(f"{prefix}.self_attn.{name}", width, width, PART)),
        Tensor(f"{prefix}.self_attn.per_dim_scale", (head,), PART, "other"),
        *linear(f"{prefix}.lconv1d.linear_start", width, 2 * width, PART),
        *linear(f"{prefix}.lconv1d.linear_end", width, width, PART),
        *encoder.patches(f"{prefix}.lconv1d.depthwise_conv1d", width, kernel, bias=False),
        *norm(f"{prefix}.lconv1d.pre_layer_norm", width),
        *norm(f"{prefix}.lconv1d.conv_norm", width),
        *(t for name in ("pre_attn", "post_attn", "out") for t in norm(f"{prefix}.norm_{name}", width)),
    )
    return encoder.repeated(each, depth)


def subsampling(prefix: str, first: int, second: int, bins: int, width: int) -> tuple[Tensor, ...]:
    """Gemma's two strided convolutions with norms, then one matrix over what is left of the `bins` frequencies."""
    return (
        *encoder.patches(f"{prefix}.layer0.conv", first, 9, bias=False),
        *norm(f"{prefix}.layer0.norm", first),
        *encoder.patches(f"{prefix}.layer1.conv", second, 9 * first, bias=False),
        *norm(f"{prefix}.layer1.norm", second),
        *linear(f"{prefix}.input_proj_linear", bins // 4 * second, width, PART),
    )


def conformer(
    prefix: str, width: int, ffn: int, kernel: int, depth: int, channels: tuple[int, int]
) -> tuple[Tensor, ...]:
    """Phi-4's Conformer layers: two gated half-step networks, attention and a gated convolution.

    `channels` are those behind the pointwise and behind the depthwise convolution.
    """
    outer, inner = channels
    networks = tuple(
        tensor
        for name in ("feed_forward_in", "feed_forward_out")
        for tensor in (
            *encoder.layer_norm(f"{prefix}.{name}.layer_norm", width),
            *linear(f"{prefix}.{name}.gate_up_proj", width, 2 * ffn, PART, True),
            *linear(f"{prefix}.{name}.down_proj", ffn, width, PART, True),
        )
    )
    matrices = ("q_proj", "k_proj", "v_proj", "o_proj")
    each = (
        *networks,
        *(t for name in matrices for t in linear(f"{prefix}.self_attn.{name}", width, width, PART, True)),
        *encoder.layer_norm(f"{prefix}.conv.layer_norm", width),
        *encoder.table(f"{prefix}.conv.glu.b", 2, outer),
        *encoder.patches(f"{prefix}.conv.glu.ext_pw_conv_1d", 2 * outer, width),
        *encoder.patches(f"{prefix}.conv.dw_sep_conv_1d.dw_conv", width, kernel),
        *encoder.patches(f"{prefix}.conv.dw_sep_conv_1d.pw_conv", inner, width),
        *encoder.patches(f"{prefix}.conv.ext_pw_conv_1d", outer, width),
        *encoder.layer_norm(f"{prefix}.layer_norm_att", width),
        *encoder.layer_norm(f"{prefix}.layer_norm", width),
    )
    return encoder.repeated(each, depth)
