"""Linear attention that overwrites its memory: Gated DeltaNet (Yang et al. 2024) and Kimi Delta Attention (Kimi 2025).

The memory is a matrix per value head; queries, keys and values pass a short convolution first. States are counted as in
`recurrent_mamba`.
"""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import Mixer
from planner.model.parts.recurrent_mamba import conv, conv_state, vectors
from planner.model.stack import State, Tensor
from planner.record import NamedTuple


class DeltaHeads(NamedTuple):
    """Heads of a delta rule and the length of its convolution."""

    keys: int
    key_size: int
    values: int
    value_size: int
    kernel: int

    @property
    def key(self) -> int:
        """Elements of all keys, or of all queries."""
        return self.keys * self.key_size

    @property
    def value(self) -> int:
        """Elements of all values."""
        return self.values * self.value_size


LAYOUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "fused": (("in_proj_qkvz", "qkvz"), ("in_proj_ba", "ba")),
    "joined": (("in_proj_qkv", "qkv"), ("in_proj_z", "z"), ("in_proj_b", "b"), ("in_proj_a", "a")),
    "split": (("q_proj", "q"), ("k_proj", "k"), ("v_proj", "v"), ("a_proj", "a"), ("b_proj", "b"), ("g_proj", "z")),
}
"""Matrices that read the hidden state and what each yields: q, k, v, gate z, write strength b and decay a."""


def gated_delta(
    hidden: int, heads: DeltaHeads, layout: str, norm_name: str = "norm", out_name: str = "out_proj"
) -> Mixer:
    """h·(2·k + 2·v + 2·H) + (2·k + v)·K + 2·H + s + v·h for keys k, values v of size s in H value heads."""
    widths = {"q": heads.key, "k": heads.key, "v": heads.value, "z": heads.value, "a": heads.values, "b": heads.values}
    channels = 2 * heads.key + heads.value
    rows = [(name, sum(widths[letter] for letter in yields)) for name, yields in LAYOUTS[layout]]
    tensors = (
        *(tensor for name, width in rows for tensor in linear(f"linear_attn.{name}", hidden, width, "attention")),
        *conv("linear_attn.conv1d", channels, heads.kernel),
        *vectors("linear_attn", dt_bias=heads.values, A_log=heads.values),
        *norm(f"linear_attn.{norm_name}", heads.value_size, part="attention"),
        *linear(f"linear_attn.{out_name}", heads.value, hidden, "attention"),
    )
    memory = State(heads.value * heads.key_size)
    return Mixer("gated-delta", tensors, states=(conv_state(channels, heads.kernel), memory))


def kimi_delta(hidden: int, heads: int, size: int, kernel: int, low_rank: tuple[bool, bool] = (True, True)) -> Mixer:
    """Kimi Delta Attention: a decay per channel.

    Decay and output gate pass a rank of one head's size where `low_rank` says so of them.
    """
    width = heads * size
    tensors = (
        *(
            tensor
            for name in ("q", "k", "v")
            for tensor in linear(f"self_attn.{name}_proj", hidden, width, "attention")
        ),
        *conv("self_attn.conv1d", 3 * width, kernel),
        *vectors("self_attn", dt_bias=width, A_log=heads),
        *_gate("f", hidden, size, width, low_rank[0]),
        *_gate("g", hidden, size, width, low_rank[1]),
        *linear("self_attn.b_proj", hidden, heads, "attention"),
        *norm("self_attn.o_norm", size, part="attention"),
        *linear("self_attn.o_proj", width, hidden, "attention"),
    )
    return Mixer("gated-delta", tensors, states=(conv_state(3 * width, kernel), State(width * size)))


def _gate(letter: str, hidden: int, rank: int, width: int, low_rank: bool) -> tuple[Tensor, ...]:
    if not low_rank:
        return linear(f"self_attn.{letter}_proj", hidden, width, "attention")
    return (
        *linear(f"self_attn.{letter}_a_proj", hidden, rank, "attention"),
        *linear(f"self_attn.{letter}_b_proj", rank, width, "attention"),
    )
