"""Which parameters are trained where not all of them are: so many layers, or what names match."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.model.parameters import elements

if TYPE_CHECKING:
    from planner.memory.training.step import Step
    from planner.model.stack import Layer, Tensor


def chosen(count: int, wanted: int | None) -> range:
    """Indices of the last `wanted` of `count` layers; of the first, if it is below 0; of all of them without."""
    if wanted is None:
        return range(count)
    return range(max(0, count - wanted), count) if wanted > 0 else range(min(-wanted, count))


def layers(step: Step) -> tuple[Layer, ...]:
    """The layers that are trained, or that carry the adapter."""
    every = step.architecture.layers
    return (
        every if step.trainable_layers is None else tuple(every[i] for i in chosen(len(every), step.trainable_layers))
    )


def trained(step: Step) -> int:
    """Elements that are trained as they are."""
    return sum(elements(tensor) for _, tensor in _matching(step))


def strangers(step: Step) -> tuple[str, ...]:
    """Expressions that no parameter's name matches."""
    alone = (step._replace(trainable_modules=(pattern,)) for pattern in step.trainable_modules)
    return tuple(each.trainable_modules[0] for each in alone if next(_matching(each), None) is None)


def first(step: Step) -> int:
    """The first layer that something is trained in: those before it keep nothing for the backward pass."""
    if step.method == "freeze":
        return min((index for index, _ in _matching(step)), default=0)
    return chosen(len(step.architecture.layers), step.trainable_layers).start if step.frozen else 0


def _matching(step: Step) -> Iterator[tuple[int, Tensor]]:
    """What is trained, with the index of its layer: 0 for an embedding, the number of layers for what follows them."""
    architecture = step.architecture
    for tensor in architecture.outside:
        name = tensor.name if tensor.kind == "head" else f"model.{tensor.name}"
        if step.trainable_modules and _wanted(f"{name}.weight", step):
            yield 0 if tensor.kind == "embedding" else len(architecture.layers), tensor
    for index in chosen(len(architecture.layers), step.trainable_layers):
        for tensor in architecture.layers[index].tensors:
            if _wanted(f"model.layers.{index}.{tensor.name}.weight", step):
                yield index, tensor


def _wanted(name: str, step: Step) -> bool:
    return not step.trainable_modules or any(re.search(pattern, name) for pattern in step.trainable_modules)
