"""What would make a training step fit: each change worked out again, from the cheapest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.memory.training.phases import peak
from planner.plan.training_words import words
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


def fixes(training: Training, step: Step, usable: int, format: str = "native") -> tuple[Fix, ...]:
    """The cheapest changes that fit on their own, in words of `format`; where none does, as many as it takes."""
    spelled = words(format)
    alone: dict[str, Fix] = {}
    for change in _changes(training, step, spelled):
        if change.what not in alone and len(alone) < MOST and (fix := _fitting(change, usable)):
            alone[change.what] = fix
    return tuple(alone.values()) or _together(training, step, usable, spelled)


def _need(step: Step) -> int:
    from planner.plan.training import RUNTIME

    return peak(step).phase.total + RUNTIME


def _fitting(change: _Change, usable: int) -> Fix | None:
    need = _need(change.step)
    return Fix(change.what, change.value, f"{change.text}: {gib(need)} at the peak") if need <= usable else None


def _changes(training: Training, step: Step, spelled: Mapping[str, str]) -> Iterator[_Change]:
    """Single changes for which there are words, from those that cost nothing to those that change what is trained."""
    for change in _candidates(training, step):
        name = change.value if change.what == "method" else change.what
        if name in spelled:
            each = max(1, step.micro_batch // max(1, training.micro_batch_size or 1))
            micro = max(1, change.step.micro_batch // each)
            steps = max(1, training.gradient_accumulation or 1) * max(1, step.micro_batch // each) // micro
            yield change._replace(text=spelled[name].format(micro=micro, steps=steps))


def _candidates(training: Training, step: Step) -> Iterator[_Change]:
    if step.cross_entropy != "fused":
        yield _Change("cross_entropy", "fused", "", step._replace(cross_entropy="fused"))
    if not step.fused:
        yield _Change("optimizer_implementation", "fused", "", step._replace(fused=True))
    if step.attention == "eager":
        yield _Change("attention", "sdpa", "", step._replace(attention="sdpa"))
    if step.companions.engine and not step.companions.sleeps:
        asleep = step.companions._replace(sleeps=True)
        yield _Change("rollout", "sleeps", "", step._replace(companions=asleep))
    if step.sharding == "fsdp" and not step.reshards:
        yield _Change("reshard_after_forward", "true", "", step._replace(reshards=True))
    yield from _smaller_batches(training, step)
    if step.checkpointing not in ("full", "offloaded"):
        yield _Change("activation_checkpointing", "full", "", step._replace(checkpointing="full"))
    if step.replicas > 1 and step.sharding not in ("zero3", "fsdp"):
        yield _Change("sharding", "zero3", "", step._replace(sharding="zero3"))
    if step.optimizer in ("adamw", "adam") and not step.frozen and step.offload == "none":
        yield _Change("optimizer", "adamw-8bit", "", step._replace(optimizer="adamw-8bit"))
    if step.method == "freeze":
        step = step._replace(trainable_layers=None, trainable_modules=())
    if step.method in ("full", "freeze"):
        yield _Change("method", "lora", "", step._replace(method="lora", rank=16, targets="all-linear"))
    if step.method != "qlora" and training.stage not in ("pretrain", "continued-pretrain"):
        yield _Change("method", "qlora", "", step._replace(method="qlora", base_bytes=None))


def _smaller_batches(training: Training, step: Step) -> Iterator[_Change]:
    """Smaller micro-batches with as much more accumulation: the same global batch. Halved until one is left."""
    whole = max(1, training.micro_batch_size or 1)
    each, micro = max(1, step.micro_batch // whole), whole
    while micro > 1:
        micro = next(smaller for smaller in (micro // 2, 1) if smaller and whole % smaller == 0)
        yield _Change("micro_batch_size", str(micro), "", step._replace(micro_batch=micro * each, accumulates=True))


def _together(training: Training, step: Step, usable: int, spelled: Mapping[str, str]) -> tuple[Fix, ...]:
    """One change after the other on top of the last, each only where it lowers the peak, until it fits."""
    texts: list[str] = []
    kinds: set[str] = set()
    while (change := _next(training, step, kinds, spelled)) is not None:
        kinds.add(change.what)
        if _need(change.step) >= _need(step):
            continue
        step, texts = change.step, [*texts, change.text]
        if _need(step) <= usable:
            return (Fix("training", ", ".join(texts), f"{', '.join(texts)}: {gib(_need(step))} at the peak"),)
    return ()


def _next(training: Training, step: Step, kinds: set[str], spelled: Mapping[str, str]) -> _Change | None:
    """The next kind of change; of batches, the smallest."""
    left = [change for change in _changes(training, step, spelled) if change.what not in kinds]
    if not left:
        return None
    return [change for change in left if change.what == left[0].what][-1]
