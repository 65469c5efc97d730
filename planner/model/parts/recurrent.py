"""Lightning attention, short convolutions, RG-LRU, RWKV-4 and mLSTM. States as in `recurrent_mamba`."""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import Mixer
from planner.model.parts.recurrent_mamba import conv, conv_state, vectors
from planner.model.stack import State


def lightning(hidden: int, heads: int, size: int) -> Mixer:
    """Linear attention with a fixed decay and an output gate (Qin et al. 2024): 5·h·w + w; state a·d²."""
    width = heads * size
    tensors = (
        *linear("self_attn.qkv_proj", hidden, 3 * width, "attention"),
        *linear("self_attn.output_gate", hidden, width, "attention"),
        *norm("self_attn.norm", width, part="attention"),
        *linear("self_attn.out_proj", width, hidden, "attention"),
    )
    return Mixer("linear", tensors, states=(State(width * size),))


def short_conv(hidden: int, kernel: int, bias: bool = False) -> Mixer:
    """A gated convolution over the last `kernel` tokens (LFM2): 4·h² + h·K, keeping h·(K − 1)."""
    tensors = (
        *linear("conv.in_proj", hidden, 3 * hidden, "attention", bias),
        *conv("conv.conv", hidden, kernel, bias),
        *linear("conv.out_proj", hidden, hidden, "attention", bias),
    )
    return Mixer("conv", tensors, states=(conv_state(hidden, kernel),))


def gated_linear(hidden: int, width: int, blocks: int, kernel: int) -> Mixer:
    """RG-LRU (De et al. 2024, Griffin §2.4): gates of `blocks` diagonal blocks, a state of `width` elements."""
    prefix = "temporal_block"
    gates = {f"{gate}_gate_{kind}": size for gate in ("input", "recurrent")
             for kind, size in (("weight", width * width // blocks), ("bias", width))}  # fmt: skip
    tensors = (
        *linear(f"{prefix}.linear_y", hidden, width, "attention", True),
        *linear(f"{prefix}.linear_x", hidden, width, "attention", True),
        *linear(f"{prefix}.linear_out", width, hidden, "attention", True),
        *conv(f"{prefix}.conv_1d", width, kernel, True),
        *vectors(f"{prefix}.rg_lru", recurrent_param=width, **gates),
    )
    return Mixer("linear", tensors, states=(conv_state(width, kernel), State(width)))


def rwkv(hidden: int, width: int) -> Mixer:
    """RWKV-4 time mixing (Peng et al. 2023, §3.1): 4·h·w + 2·w + 3·h.

    It keeps the last input of time mixing and of channel mixing, and numerator, denominator and maximum of the average.
    """
    tensors = (
        *(
            t
            for name in ("key", "value", "receptance")
            for t in linear(f"attention.{name}", hidden, width, "attention")
        ),
        *linear("attention.output", width, hidden, "attention"),
        *vectors("attention", time_decay=width, time_first=width),
        *vectors("attention", time_mix_key=hidden, time_mix_value=hidden, time_mix_receptance=hidden),
    )
    return Mixer("rwkv", tensors, states=(State(2 * hidden, kind="conv"), State(3 * width)))


def mlstm(hidden: int, heads: int, key: int, value: int, bias: bool = False) -> Mixer:
    """mLSTM (Beck et al. 2024, eq. 19–27), `key` and `value` elements over all heads: memory, normaliser, maximum."""
    prefix = "mlstm_layer"
    tensors = (
        *linear(f"{prefix}.q", hidden, key, "attention", bias),
        *linear(f"{prefix}.k", hidden, key, "attention", bias),
        *linear(f"{prefix}.v", hidden, value, "attention", bias),
        *linear(f"{prefix}.ogate_preact", hidden, value, "attention", bias),
        *linear(f"{prefix}.igate_preact", hidden, heads, "attention", True),
        *linear(f"{prefix}.fgate_preact", hidden, heads, "attention", True),
        *norm(f"{prefix}.multihead_norm", value, bias, part="attention"),
        *linear(f"{prefix}.out_proj", value, hidden, "attention", bias),
    )
    memory = State(key * value // heads)
    return Mixer("linear", tensors, states=(memory, State(key), State(heads)))
