"""Curves to draw: recommended tokens and loss against model size."""

from __future__ import annotations

import math
from collections.abc import Iterator

from planner.scaling.epoch import LAW
from planner.scaling.parametric import loss
from planner.scaling.recommend import TOKENS

POINTS = 60
"""Of a curve, evenly spaced in the logarithm."""


def sizes(low: float, high: float) -> Iterator[int]:
    """Model sizes from `low` to `high` parameters."""
    step = math.log(high / low) / (POINTS - 1)
    return (round(low * math.exp(step * index)) for index in range(POINTS))


def recommended(low: float, high: float) -> dict[str, list[tuple[int, int]]]:
    """(parameters, tokens) of every law."""
    return {name: [(size, law(size)) for size in sizes(low, high)] for name, law in TOKENS.items()}


def equal_compute(flops: float, low: float, high: float) -> list[tuple[int, float]]:
    """(parameters, loss in nats) of models that spend the same `flops`, 6·N·D (Besiroglu et al. 2024)."""
    return [(size, loss(LAW, size, flops / (6 * size))) for size in sizes(low, high)]
