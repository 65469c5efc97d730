"""Parameters that one device works with: by what shards them and by what they are."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.memory.training.step import Step
    from planner.model.stack import Layer, Tensor


class Counts(NamedTuple):
    """Elements of one pipeline stage after tensor and expert parallelism, before data-parallel sharding."""

    total: int
    experts: int
    """Of them in routed experts."""
    layer: int
    """The largest layer."""
    embedding: int
    head: int
    """The output projection; 0 where it is tied to the embedding of the same stage."""
    layers: int
    linear: int
    """In matrices that a quantizer of the base takes."""
    largest: int
    """The largest of these matrices."""
    vectors: int
    """In vectors and others that optimizers for matrices leave to AdamW: norms, biases, embeddings, heads."""


def elements(tensor: Tensor) -> int:
    """Elements of all its copies."""
    return prod(tensor.shape) * tensor.copies


def layer_elements(layer: Layer, step: Step) -> int:
    """Elements of a layer on one rank: matrices split by tensor parallelism, experts by expert parallelism too."""
    return sum(_share(tensor, step) for tensor in layer.tensors)


def _share(tensor: Tensor, step: Step) -> int:
    if tensor.kind == "expert":
        return -(-elements(tensor) // (step.tensor * step.expert))
    return elements(tensor) if tensor.kind in ("norm", "router") else -(-elements(tensor) // step.tensor)


def stage(step: Step, last: bool) -> Counts:
    """The first or the last pipeline stage; with one stage, the whole model."""
    architecture, whole = step.architecture, step.pipeline == 1
    count = len(architecture.layers)
    each = -(-count // step.pipeline)
    layers = architecture.layers[count - each :] if last else architecture.layers[:each]
    outside = [tensor for tensor in architecture.outside if whole or _stands(tensor, last, architecture.tied)]
    embedding = sum(_share(tensor, step) for tensor in outside if tensor.name == "embed_tokens")
    head = sum(_share(tensor, step) for tensor in outside if tensor.kind == "head")
    untied = embedding if architecture.tied and step.modules.own_head and (whole or last) and not head else 0
    within = [tensor for layer in layers for tensor in layer.tensors]
    linear = [tensor for tensor in within if tensor.kind == "linear"]
    total = sum(_share(tensor, step) for tensor in (*outside, *within)) + untied
    experts = sum(_share(tensor, step) for tensor in within if tensor.kind == "expert")
    matrices = sum(_share(tensor, step) for tensor in linear)
    return Counts(
        total,
        experts,
        max((layer_elements(layer, step) for layer in {id(layer): layer for layer in layers}.values()), default=0),
        embedding,
        head + untied,
        len(layers),
        matrices,
        max((_share(tensor, step) for tensor in linear), default=0),
        total - matrices - experts,
    )


def _stands(tensor: Tensor, last: bool, tied: bool) -> bool:
    """Whether a tensor outside of the layers stands on the last stage rather than on the first."""
    if tensor.kind == "embedding":
        return not last or tied
    return last == (tensor.kind in ("head", "norm"))
