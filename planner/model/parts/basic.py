"""Matrices, biases and norms."""

from __future__ import annotations

from planner.model.stack import Tensor


def linear(
    name: str, width_in: int, width_out: int, part: str, bias: bool = False, kind: str = "linear"
) -> tuple[Tensor, ...]:
    """A matrix from `width_in` to `width_out` elements, with its bias if it has one."""
    matrix = Tensor(name, (width_out, width_in), part, kind)
    return (matrix, Tensor(f"{name}.bias", (width_out,), part, "bias")) if bias else (matrix,)


def norm(name: str, width: int, bias: bool = False, part: str = "other") -> tuple[Tensor, ...]:
    """A normalisation's scale over `width` elements (RMSNorm), and its shift (LayerNorm with `bias`)."""
    scale = Tensor(name, (width,), part, "norm")
    return (scale, Tensor(f"{name}.bias", (width,), part, "norm")) if bias else (scale,)


def norms(width: int, *names: str, bias: bool = False) -> tuple[Tensor, ...]:
    """Several norms of one width."""
    return tuple(tensor for name in names for tensor in norm(name, width, bias))
