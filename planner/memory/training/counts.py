"""Parameters that one device works with: by what shards them and by what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.model.parameters import elements
from planner.model.stack import counted
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


def layer_elements(layer: Layer, step: Step) -> int:
    """Elements of a layer on one rank: matrices split by tensor parallelism, experts by expert parallelism too."""
    return _shares(layer, step.tensor, step.expert).total


def _share(tensor: Tensor, ranks: int, expert: int = 1) -> int:
    if tensor.kind == "expert":
        return -(-elements(tensor) // (ranks * expert))
    return elements(tensor) if tensor.kind in ("norm", "router") else -(-elements(tensor) // ranks)


def stage(step: Step, last: bool) -> Counts:
    """The first or the last pipeline stage; with one stage, the whole model."""
    architecture, whole = step.architecture, step.pipeline == 1
    count = len(architecture.layers)
    each = -(-count // step.pipeline)
    layers = architecture.layers[count - each :] if last else architecture.layers[:each]
    outside = [tensor for tensor in architecture.outside if whole or _stands(tensor, last, architecture.tied)]
    shares = [(tensor, _share(tensor, step.tensor, step.expert)) for tensor in outside]
    embedding = sum(share for tensor, share in shares if tensor.name == "embed_tokens")
    head = sum(share for tensor, share in shares if tensor.kind == "head")
    untied = embedding if architecture.tied and step.modules.own_head and (whole or last) and not head else 0
    kinds = [(_shares(layer, step.tensor, step.expert), number) for layer, number, _ in counted(layers)]
    within = sum(each.total * number for each, number in kinds)
    total = sum(share for _, share in shares) + within + untied
    experts = sum(each.experts * number for each, number in kinds)
    matrices = sum(each.linear * number for each, number in kinds)
    return Counts(
        total,
        experts,
        max((each.total for each, _ in kinds), default=0),
        embedding,
        head + untied,
        len(layers),
        matrices,
        max((each.largest for each, _ in kinds), default=0),
        total - matrices - experts,
    )


class _Shares(NamedTuple):
    """Elements of one layer on one rank."""

    total: int
    experts: int
    linear: int
    largest: int
    """Of the matrices that a quantizer takes."""


@by_identity
def _shares(layer: Layer, ranks: int, expert: int) -> _Shares:
    shares = [(tensor.kind, _share(tensor, ranks, expert)) for tensor in layer.tensors]
    linear = [share for kind, share in shares if kind == "linear"]
    experts = sum(share for kind, share in shares if kind == "expert")
    return _Shares(sum(share for _, share in shares), experts, sum(linear), max(linear, default=0))


def _stands(tensor: Tensor, last: bool, tied: bool) -> bool:
    """Whether a tensor outside of the layers stands on the last stage rather than on the first."""
    if tensor.kind == "embedding":
        return not last or tied
    return last == (tensor.kind in ("head", "norm"))
