"""Dense feed-forward networks: gated (three matrices, Shazeer 2020) and plain (two)."""

from __future__ import annotations

from planner.model.parts.basic import linear
from planner.model.parts.layer import FeedForward
from planner.model.stack import Tensor


def gated(hidden: int, width: int, bias: bool = False, prefix: str = "mlp", fused: bool = False) -> FeedForward:
    """3·h·I (+ 2·I + h biases): gate, up and down; `fused` is gate and up in one matrix."""
    return FeedForward("gated", gated_tensors(hidden, width, bias, prefix, fused), width)


def gated_tensors(hidden: int, width: int, bias: bool, prefix: str, fused: bool = False) -> tuple[Tensor, ...]:
    """The matrices of a gated network."""
    rising = (
        linear(f"{prefix}.gate_up_proj", hidden, 2 * width, "ffn", bias)
        if fused
        else (
            *linear(f"{prefix}.gate_proj", hidden, width, "ffn", bias),
            *linear(f"{prefix}.up_proj", hidden, width, "ffn", bias),
        )
    )
    return (*rising, *linear(f"{prefix}.down_proj", width, hidden, "ffn", bias))


def plain(
    hidden: int, width: int, bias: bool = False, up: str = "mlp.up_proj", down: str = "mlp.down_proj"
) -> FeedForward:
    """2·h·I (+ I + h biases): up and down."""
    tensors = (*linear(up, hidden, width, "ffn", bias), *linear(down, width, hidden, "ffn", bias))
    return FeedForward("dense", tensors, width)
