"""What every phase of a step is put together from: states, activations and the layers of one pipeline stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training import activations, companions, lora, partial, sharding, states
from planner.memory.training.counts import Counts, stage
from planner.memory.training.step import Step
from planner.model.stack import counted
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.stack import Layer


class Held(NamedTuple):
    """What every phase of one pipeline stage is put together from. Bytes."""

    step: Step
    counts: Counts
    trained: int
    """Trained elements."""
    each: states.Bytes
    weights: int
    """As sharded."""
    optimizer: int
    gradients: int
    """Of the whole stage, as sharded."""
    kept: int
    """Activations at the end of the forward pass."""
    layer: int
    """Activations of one layer."""
    in_flight: int
    """Groups of layers whose activations of a micro-batch are held."""
    last: bool
    companions: int
    """Further models."""


def held_by(step: Step, last: bool) -> Held:
    """What the first or the last pipeline stage of `step` holds."""
    counts = stage(step, last)
    each = states.of_parameter(step)
    trained = _trained(step) // (step.tensor * step.pipeline) if step.frozen else counts.total
    weights, gradients, optimizer = sharding.sharded(step)
    away = step.offload in ("optimizer", "parameters")
    own = trained * each.weight + (base_bytes(step, counts, trained) if step.frozen else 0)
    kept_states = states.optimizer_bytes(step, trained, counts)
    summed = trained * each.gradient
    in_flight = chunks(step, last)
    per_layer = max(activations.layer_bytes(layer, within(step)) for layer in distinct(step)) * step.tokens
    return Held(
        step,
        counts,
        trained,
        each,
        0 if step.offload == "parameters" else sharding.share(own, counts, step) if weights else own,
        0 if away else sharding.share(kept_states, counts, step) if optimizer else kept_states,
        0 if away and gradients else _gradients(step, counts, trained, summed),
        in_flight * _kept(step, counts) // step.virtual
        + (activations.final_norm_bytes(step) * step.tokens if last else 0),
        per_layer,
        in_flight,
        last,
        companions.resident(step, counts, each),
    )


def _trained(step: Step) -> int:
    """Trained elements of a model of which a part is frozen."""
    return partial.trained(step) if step.method == "freeze" else lora.parameters(step)


def within(step: Step) -> Step:
    """`step` as its layers see it: where a part of them is trained as it is, each as if it were."""
    return step._replace(method="full") if step.method == "freeze" else step


def _gradients(step: Step, counts: Counts, trained: int, summed: int) -> int:
    """Gradients between micro-batches: sharded, whole, of one layer, or whole until they are exchanged and shared."""
    if step.in_backward and not step.accumulates:
        return summed * counts.layer // counts.total if counts.total else 0
    if not sharding.sharded(step)[1]:
        return summed
    share = sharding.share(summed, counts, step)
    waiting = step.defers_sync and step.accumulates and step.sharding == "fsdp" and step.replicas > 1
    return share + trained * step.compute_bytes if waiting else share


def chunks(step: Step, last: bool) -> int:
    """Groups of layers that the first or the last pipeline stage keeps activations of, with one forward, one backward.

    As many micro-batches as there are stages, and one on the last. Interleaved (arXiv:2104.04473 and
    Megatron-LM's schedules.py): 2(p − 1) + (v − 1)p + 1, and (v − 1)p + 1 on the last.
    """
    stages, groups = step.pipeline, step.virtual
    if groups == 1 or stages == 1:
        return groups if last else stages
    return (groups - 1) * stages + 1 + (0 if last else 2 * (stages - 1))


def base_bytes(step: Step, counts: Counts, trained: int = 0) -> int:
    """Bytes of a frozen base: 4-bit matrices and everything else in 16 bit, or in float32 where PEFT casts it."""
    if step.method == "freeze":
        return (counts.total - trained) * (step.base_dtype_bytes or step.compute_bytes)
    if step.method == "qlora" and step.base_bytes is None:
        quantized = counts.linear + (counts.head if step.modules.quantizes_head else 0)
        quantized += counts.experts if step.quantized_experts else 0
        rest = (counts.total - quantized) * (4 if activations.upcast_stream(step) else 2)
        return lora.quantized_bytes(quantized, step.modules.double_quantization) + rest
    if step.base_bytes is not None:
        whole = stage(step._replace(tensor=1, pipeline=1, expert=1), last=True).total
        return step.base_bytes * counts.total // whole if whole else 0
    return counts.total * (step.base_dtype_bytes or step.compute_bytes)


def distinct(step: Step) -> list[Layer]:
    """The layers of a model that differ from each other."""
    return [layer for layer, _, _ in counted(step.architecture.layers)]


def _kept(step: Step, counts: Counts) -> int:
    """Activations of a stage's layers at the end of the forward pass of one micro-batch."""
    layers = step.architecture.layers[partial.first(step) : counts.layers]
    if step.checkpointing == "offloaded":
        return activations.checkpoint_bytes(step) * step.tokens
    if step.checkpointing == "full":
        return activations.checkpoint_bytes(step) * step.tokens * len(layers)
    form = activations.selective_bytes if step.checkpointing == "selective" else activations.layer_bytes
    each = {id(layer): form(layer, within(step)) for layer in distinct(step)}
    first = 4 * step.architecture.hidden_size if step.frozen and step.kernels == "eager" else 0
    return (sum(each[id(layer)] for layer in layers) - first) * step.tokens
