"""The peak of a step: what lives at the end of the forward pass, in the backward pass and in the optimizer's step."""

from __future__ import annotations

from typing import Any

from planner.memo import by_identity
from planner.memory.training import activations, logits, sharding, states
from planner.memory.training.held import Held, distinct, held_by, within
from planner.memory.training.step import Peak, Phase, Step


def peak(step: Step) -> Peak:
    """The peak of `step` on its fullest device, with every phase and the lower bound."""
    return _peak(*step)


@by_identity
def _peak(*values: Any) -> Peak:
    stages = _stages(Step(*values))
    phases = [phase for held in stages for phase in _phases(held)]
    return Peak(_largest(phases), tuple(phases), _largest([_states(held) for held in stages]))


def states_of(step: Step) -> Phase:
    """Weights, gradients and optimizer states of `step` on its fullest device, whatever else it holds."""
    return _states_of(*step)


@by_identity
def _states_of(*values: Any) -> Phase:
    return _largest([_states(held) for held in _stages(Step(*values))])


def _stages(step: Step) -> list[Held]:
    """What the first and the last pipeline stage hold; of one stage, that."""
    return [held_by(step, last) for last in ((True,) if step.pipeline == 1 else (False, True))]


def _largest(phases: list[Phase]) -> Phase:
    return max(phases, key=lambda phase: phase.total)


def _phases(held: Held) -> list[Phase]:
    first = [_loss(held)] if held.last else [_forward(held)]
    engine = held.step.companions.engine
    beside = held.companions + (0 if held.step.companions.sleeps else engine)
    trained = [phase._replace(companions=beside) for phase in (*first, *_backward(held), _update(held))]
    return [*trained, _generation(held, engine)] if engine else trained


def _generation(held: Held, engine: int) -> Phase:
    """The engine generates, while everything that is trained waits."""
    return _states(held)._replace(name="generation", companions=held.companions + engine)


def _cache(held: Held) -> int:
    """16-bit copies of the weights that autocast keeps: of all matrices, or, checkpointed, of the head alone."""
    if not held.step.autocast:
        return 0
    head = held.counts.head or held.counts.embedding
    if held.step.checkpointing in ("full", "offloaded"):
        return 2 * head
    return 2 * (held.counts.total - (held.counts.embedding if held.counts.head else 0))


def _forward(held: Held) -> Phase:
    """An early pipeline stage with all its micro-batches in flight."""
    gathered = sharding.gathered(held.step, held.counts, held.step.compute_bytes)
    return Phase(
        "forward", held.weights + gathered + _cache(held), _accumulated(held), held.optimizer, held.kept + held.layer, 0
    )


def _loss(held: Held) -> Phase:
    """The end of the forward pass and the first of the backward pass: the logits with their gradients."""
    step, cost = held.step, logits.cost(held.step)
    size = logits.bytes_at(cost.peak, step)
    if cost.head_gradients:
        size += logits.kernel_bytes(step, not step.frozen)
    gathered = sharding.gathered(step, held.counts, step.compute_bytes) + _dequantized_head(held)
    if step.sharding == "fsdp" and step.shards_embeddings and held.counts.head and step.reshards:
        size -= min(size, logits.bytes_at(2, step)) if not cost.head_gradients else 0
    return Phase(
        "cross-entropy", held.weights + gathered + _cache(held), _accumulated(held), held.optimizer, held.kept, size
    )


def _dequantized_head(held: Held) -> int:
    """The output projection in 16 bit again, where its weights are in 4."""
    quantized = held.step.method == "qlora" and held.step.modules.quantizes_head
    return held.step.compute_bytes * held.counts.head if quantized else 0


def _accumulated(held: Held) -> int:
    """Gradients that live through the forward pass: where earlier micro-batches left them; and the buckets of DDP."""
    return (held.gradients if held.step.accumulates else 0) + _buckets(held) + _embedding_gradient(held)


def _embedding_gradient(held: Held) -> int:
    """Gradient of an embedding that no optimizer knows of, and so nobody ever clears."""
    collects = held.step.method == "qlora" and held.step.modules.quantizes_head
    return held.step.compute_bytes * held.counts.embedding if collects else 0


def _buckets(held: Held) -> int:
    step = held.step
    return sharding.reduce_buffers(step, held.trained, held.each.gradient) if sharding.replicated(step) else 0


def _backward(held: Held) -> list[Phase]:
    """The backward pass of the first layer, and its end."""
    step, counts = held.step, held.counts
    outputs = logits.bytes_at(logits.cost(step).kept, step) if held.last else 0
    buffers = (
        0
        if step.frozen and step.sharding == "fsdp"
        else sharding.reduce_buffers(step, held.trained, held.each.gradient)
    )
    tied = not step.frozen and held.last and not counts.head and counts.embedding > 0
    embedding = held.each.gradient * counts.embedding if not step.frozen else 0
    stream = (4 if step.autocast or step.precision == "fp32" else 2) * step.architecture.hidden_size * step.tokens
    late = _late_weights(held)
    layer = _one_layer(held)
    return [
        Phase(
            "backward",
            late,
            _late_gradients(held, tied) + buffers + _embedding_gradient(held),
            held.optimizer,
            layer,
            outputs,
        ),
        Phase(
            "end of backward",
            held.weights + (0 if step.sharding == "fsdp" else late - held.weights if step.sharding == "zero3" else 0),
            _end_gradients(held, embedding, tied) + buffers + 2 * _embedding_gradient(held),
            held.optimizer,
            0 if step.frozen or tied or step.sharding == "fsdp" else stream,
            outputs,
        ),
    ]


def _late_weights(held: Held) -> int:
    """Weights in the backward pass of the first layer: with copies of that layer in 16 bit under autocast."""
    step, counts = held.step, held.counts
    casts = 2 * (counts.layer - counts.largest) if step.autocast else 0
    dequantized = 2 * counts.largest if step.method == "qlora" else 0
    return held.weights + sharding.gathered_late(step, counts, step.compute_bytes) + casts + dequantized


def _one_layer(held: Held) -> int:
    """Activations in the backward pass of the first layer: its own, its input, gradients of its values."""
    step = held.step
    extra = max(activations.recompute_bytes(layer, within(step)) for layer in distinct(step)) * step.tokens
    checkpoint = activations.checkpoint_bytes(step) * step.tokens
    others = (held.in_flight - 1) * (held.kept // held.in_flight)
    return held.layer + extra + checkpoint + others


def _late_gradients(held: Held, tied: bool) -> int:
    """Gradients while the first layer's are computed: those of all others, and its largest matrix'."""
    step, counts, size = held.step, held.counts, held.each.gradient
    if step.frozen:
        return held.gradients
    if step.sharding == "fsdp":
        missing = sharding.share((counts.embedding + counts.head + 2 * counts.layer) * size, counts, step)
        return max(0, held.gradients - missing) + (step.compute_bytes + 4) * counts.layer
    if sharding.sharded(step)[1]:
        return held.gradients
    absent = counts.layer - counts.largest + (0 if tied else counts.embedding)
    return max(0, held.gradients - size * absent) if not step.accumulates else held.gradients + size * counts.layer


def _end_gradients(held: Held, embedding: int, tied: bool) -> int:
    """All gradients; a tied embedding has those of both uses beside their sum.

    FSDP reduces its root group last: whole gradients and their float32 copy; of a tied embedding, before that, its
    weights, both gradients and their sum, with the last layer's copy still on its way.
    """
    step, counts = held.step, held.counts
    if step.sharding == "fsdp" and not step.frozen:
        root = sharding.root_group(step, counts)
        missing = 0 if step.accumulates else sharding.share(root * held.each.gradient, counts, step)
        whole = root * (step.compute_bytes + 4)
        if tied:
            whole = root * 4 * step.compute_bytes + 4 * counts.layer
        return max(0, held.gradients - missing) + whole
    return held.gradients + (2 * embedding if tied else embedding if step.accumulates else 0)


def _update(held: Held) -> Phase:
    """The optimizer's step."""
    step = held.step
    transient = states.transient(step, held.trained)
    if sharding.sharded(step)[2]:
        transient = sharding.share(transient, held.counts, step)
    transient = max(transient, 0 if step.frozen else sharding.step_buffer(step, held.trained, held.counts))
    if step.offload in ("optimizer", "parameters"):
        transient = 0
    outputs = logits.bytes_at(logits.cost(step).kept, step) if held.last and step.sharding != "fsdp" else 0
    return Phase(
        "optimizer step",
        held.weights,
        held.gradients + _buckets(held) + _embedding_gradient(held),
        held.optimizer + transient,
        0,
        outputs,
    )


def _states(held: Held) -> Phase:
    """What no step can do without: weights, gradients and optimizer states, without buffers."""
    return Phase("states", held.weights, held.gradients, held.optimizer, 0, 0, held.companions)
