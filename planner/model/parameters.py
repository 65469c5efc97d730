"""Parameter counts: sums over the stack."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod

from planner.model.stack import PARTS, Architecture, Parameters, Tensor, counted


def elements(tensor: Tensor) -> int:
    """Elements of all copies of `tensor`."""
    return prod(tensor.shape) * tensor.copies


def active_elements(tensor: Tensor) -> int:
    """Elements that one token passes through: of a routed expert's copies, those that it takes."""
    taken = tensor.copies if tensor.active is None else tensor.active
    return ceil(prod(tensor.shape) * taken)


def tensors(architecture: Architecture) -> Iterator[tuple[Tensor, int]]:
    """Every tensor of the loaded model and how many layers hold it."""
    for layer, count, _ in counted(architecture.layers):
        yield from ((tensor, count) for tensor in layer.tensors)
    yield from ((tensor, 1) for tensor in architecture.outside)


def count(architecture: Architecture) -> Parameters:
    """Parameters of the loaded model, by part; active = total − routed experts × (1 − taken / experts)."""
    parts = dict.fromkeys(PARTS, 0)
    active = 0
    for tensor, times in tensors(architecture):
        parts[tensor.part] += elements(tensor) * times
        active += active_elements(tensor) * times
    return Parameters(sum(parts.values()), active, **parts)


def majority(parameters: Parameters) -> str:
    """The part that holds most parameters."""
    return max(PARTS, key=lambda part: int(getattr(parameters, part)))
