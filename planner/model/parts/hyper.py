"""Hyper-connections: several residual streams, mixed before and after each block (Zhu et al. 2024; Xie et al. 2026)."""

from __future__ import annotations

from planner.model.parts.basic import linear
from planner.model.stack import Tensor


def connections(hidden: int, streams: int, outputs: int, scales: int) -> tuple[Tensor, ...]:
    """One for the attention and one for the network: n·h → `outputs` weights, their bases and `scales` scales."""
    return tuple(tensor for name in ("attn_hc", "ffn_hc") for tensor in _one(name, hidden * streams, outputs, scales))


def head(hidden: int, streams: int) -> tuple[Tensor, ...]:
    """What joins the streams behind the last layer."""
    return _one("hc_head", hidden * streams, streams, 1)


def _one(name: str, width: int, outputs: int, scales: int) -> tuple[Tensor, ...]:
    return (
        *linear(f"{name}.fn", width, outputs, "other", kind="other"),
        Tensor(f"{name}.base", (outputs,), "other", "other"),
        Tensor(f"{name}.scale", (scales,), "other", "other"),
    )
