"""State-space mixers: Mamba (Gu & Dao 2023) and Mamba-2 (Dao & Gu 2024).

States are the least that an engine must keep of a sequence: the last K − 1 inputs of a convolution over K, and one
state of inner × N elements, both in the model's dtype (vLLM's default). transformers keeps K inputs and float32
states.
"""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.parts.layer import Mixer
from planner.model.stack import State, Tensor
from planner.record import NamedTuple


class Mamba(NamedTuple):
    """A selective state space: a state of `size` for each of `inner` channels."""

    inner: int
    size: int
    kernel: int
    rank: int
    """Of the projection that gives each channel its time step."""
    bias: bool = False
    """Of the projections in and out."""
    conv_bias: bool = True
    normed: bool = False
    """Norms with a scale on time step, B and C (Jamba)."""


class Mamba2(NamedTuple):
    """A state space with one decay for each of `heads`; B and C are shared within a group."""

    inner: int
    size: int
    kernel: int
    heads: int
    groups: int
    bias: bool = False
    """Of the projections in and, unless `out_bias` says otherwise, out."""
    out_bias: bool | None = None
    conv_bias: bool = True
    normed: bool = True
    """A gated norm before the projection out."""


def conv(name: str, channels: int, kernel: int, bias: bool = False) -> tuple[Tensor, ...]:
    """A depthwise causal convolution over the last `kernel` tokens."""
    weight = Tensor(name, (channels, kernel), "attention", "conv")
    return (weight, Tensor(f"{name}.bias", (channels,), "attention", "bias")) if bias else (weight,)


def conv_state(channels: int, kernel: int) -> State:
    """The K − 1 past inputs that a convolution over K tokens looks back to."""
    return State(channels * max(kernel - 1, 0), kind="conv")


def vectors(prefix: str, **widths: int) -> tuple[Tensor, ...]:
    """Learned parameters that no quantizer takes."""
    return tuple(Tensor(f"{prefix}.{name}", (width,), "attention", "other") for name, width in widths.items())


def mamba(hidden: int, shape: Mamba, prefix: str = "mixer") -> Mixer:
    """3·h·I + I·(R + 2N) + R·I + I·N + I·K + 3·I for inner width I, state N, kernel K and rank R."""
    inner, size, rank = shape.inner, shape.size, shape.rank
    normed = {"dt_layernorm": rank, "b_layernorm": size, "c_layernorm": size} if shape.normed else {}
    tensors = (
        *linear(f"{prefix}.in_proj", hidden, 2 * inner, "attention", shape.bias),
        *conv(f"{prefix}.conv1d", inner, shape.kernel, shape.conv_bias),
        *linear(f"{prefix}.x_proj", inner, rank + 2 * size, "attention"),
        *linear(f"{prefix}.dt_proj", rank, inner, "attention", True),
        *vectors(prefix, A_log=inner * size, D=inner),
        *(tensor for name, width in normed.items() for tensor in norm(f"{prefix}.{name}", width, part="attention")),
        *linear(f"{prefix}.out_proj", inner, hidden, "attention", shape.bias),
    )
    return Mixer("mamba", tensors, states=(conv_state(inner, shape.kernel), State(inner * size)))


def mamba2(hidden: int, shape: Mamba2, prefix: str = "mixer") -> Mixer:
    """h·(2·I + 2·G·N + H) + (I + 2·G·N)·(K + 1) + 3·H + I + I·h for H heads in G groups."""
    inner = shape.inner
    channels = inner + 2 * shape.groups * shape.size
    out_bias = shape.bias if shape.out_bias is None else shape.out_bias
    tensors = (
        *linear(f"{prefix}.in_proj", hidden, inner + channels + shape.heads, "attention", shape.bias),
        *conv(f"{prefix}.conv1d", channels, shape.kernel, shape.conv_bias),
        *vectors(prefix, dt_bias=shape.heads, A_log=shape.heads, D=shape.heads),
        *(norm(f"{prefix}.norm", inner, part="attention") if shape.normed else ()),
        *linear(f"{prefix}.out_proj", inner, hidden, "attention", out_bias),
    )
    return Mixer("mamba2", tensors, states=(conv_state(channels, shape.kernel), State(inner * shape.size)))
