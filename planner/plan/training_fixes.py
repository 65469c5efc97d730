"""What would make a training step fit: each change worked out again, from the cheapest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.memory.training.phases import peak
from planner.plan.types import Fix
from planner.record import NamedTuple
from planner.units import gib

if TYPE_CHECKING:
    from planner.memory.training.step import Step
    from planner.workload import Training

MOST = 3


class _Change(NamedTuple):
    """One change of a step."""

    what: str
    value: str
    text: str
    step: Step


def fixes(training: Training, step: Step, usable: int) -> tuple[Fix, ...]:
    """The cheapest changes that fit on their own; where none does, as many together as it takes."""
    alone: dict[str, Fix] = {}
    for change in _changes(training, step):
        if change.what not in alone and len(alone) < MOST and (fix := _fitting(change, usable)):
            alone[change.what] = fix
    return tuple(alone.values()) or _together(training, step, usable)


def _need(step: Step) -> int:
    from planner.plan.training import RUNTIME

    return peak(step).phase.total + RUNTIME


def _fitting(change: _Change, usable: int) -> Fix | None:
    need = _need(change.step)
    return Fix(change.what, change.value, f"{change.text}: {gib(need)} at the peak") if need <= usable else None


def _changes(training: Training, step: Step) -> Iterator[_Change]:
    """Single changes, from those that cost nothing to those that change what is trained."""
    if step.cross_entropy != "fused":
        yield _Change("cross_entropy", "fused", "cross_entropy: fused", step._replace(cross_entropy="fused"))
    if not step.fused:
        text = "optimizer_implementation: fused"
        yield _Change("optimizer_implementation", "fused", text, step._replace(fused=True))
    if step.attention == "eager":
        yield _Change("attention", "sdpa", "attention: sdpa", step._replace(attention="sdpa"))
    yield from _smaller_batches(training, step)
    if step.checkpointing not in ("full", "offloaded"):
        text = "activation_checkpointing: full"
        yield _Change("activation_checkpointing", "full", text, step._replace(checkpointing="full"))
    if step.replicas > 1 and step.sharding not in ("zero3", "fsdp"):
        yield _Change("sharding", "zero3", "sharding: zero3", step._replace(sharding="zero3"))
    if step.optimizer in ("adamw", "adam") and not step.frozen and step.offload == "none":
        text = "optimizer: adamw-8bit"
        yield _Change("optimizer", "adamw-8bit", text, step._replace(optimizer="adamw-8bit"))
    if not step.frozen:
        text = "method: lora (rank 16, all linear layers)"
        yield _Change("method", "lora", text, step._replace(method="lora", rank=16, targets="all-linear"))
    if step.method != "qlora" and training.stage not in ("pretrain", "continued-pretrain"):
        text = "method: qlora (the base in 4 bit)"
        yield _Change("method", "qlora", text, step._replace(method="qlora", base_bytes=None))


def _smaller_batches(training: Training, step: Step) -> Iterator[_Change]:
    """Smaller micro-batches with as much more accumulation: the same global batch. Halved until one is left."""
    micro, accumulation = step.micro_batch, max(1, training.gradient_accumulation or 1)
    while micro > 1:
        micro = next(smaller for smaller in (micro // 2, 1) if smaller and step.micro_batch % smaller == 0)
        factor = accumulation * step.micro_batch // micro
        text = f"micro_batch_size: {micro} with gradient_accumulation: {factor}"
        yield _Change("micro_batch_size", str(micro), text, step._replace(micro_batch=micro, accumulates=True))


def _together(training: Training, step: Step, usable: int) -> tuple[Fix, ...]:
    """One change after the other on top of the last, each only where it lowers the peak, until it fits."""
    texts: list[str] = []
    kinds: set[str] = set()
    while (change := _next(training, step, kinds)) is not None:
        kinds.add(change.what)
        if _need(change.step) >= _need(step):
            continue
        step, texts = change.step, [*texts, change.text]
        if _need(step) <= usable:
            return (Fix("training", ", ".join(texts), f"{', '.join(texts)}: {gib(_need(step))} at the peak"),)
    return ()


def _next(training: Training, step: Step, kinds: set[str]) -> _Change | None:
    """The next kind of change; of batches, the smallest."""
    left = [change for change in _changes(training, step) if change.what not in kinds]
    if not left:
        return None
    return [change for change in left if change.what == left[0].what][-1]
