"""The memory of one device of a training run at its peak."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.bar import Part
from planner.report.plan_text.memory import drawing, place, verdict
from planner.units import gib

if TYPE_CHECKING:
    from planner.plan.types import Plan, TrainingMemory
    from planner.report.style import Style


def device(plan: Plan, style: Style) -> Iterator[str]:
    """One device: a bar to scale, its legend, and the verdict."""
    training = plan.training
    if training is None:
        return
    memory, workload = training.per_device, plan.workload.training
    yield place(workload.hardware if workload else None, training.devices, escape.text(training.stage or ""))
    yield from drawing(parts(memory), memory.usable, None, style)
    phase = f", at its peak in the {escape.text(memory.phase)}" if memory.phase else ""
    yield from phases(training.phases, memory.phase)
    besides = " besides the activations" if memory.peak is None else ""
    yield f"{verdict(training.fits, training.fits_basis, memory.needed, memory.usable, style)}{besides}{phase}"
    if training.accelerators_that_fit:
        which = "enough" if memory.peak is not None else "hold the states"
        yield f"{which}: {', '.join(map(escape.text, training.accelerators_that_fit))}"


def phases(found: tuple[tuple[str, int], ...], peak: str | None) -> Iterator[str]:
    """What each phase of the step needs; of several with one name, the largest."""
    largest: dict[str, int] = {}
    for name, size in found:
        largest[name] = max(size, largest.get(name, 0))
    if len(largest) > 1:
        shown = (
            f"{escape.text(name)}{' (peak)' if name == peak else ''} {gib(size)}" for name, size in largest.items()
        )
        yield f"by phase: {', '.join(shown)}"


def parts(memory: TrainingMemory) -> list[Part]:
    """What is in the memory of a device at the peak."""
    return [
        Part("weights", memory.weights or 0, "█", "weights"),
        Part("gradients", memory.gradients or 0, "▓", "cache"),
        Part("optimizer states", memory.optimizer or 0, "▓", "cache"),
        Part("activations", memory.activations or 0, "▒", "overhead"),
        Part("logits", memory.logits or 0, "▒", "overhead"),
        Part("further models", memory.companions or 0, "▓", "weights"),
        Part("runtime", memory.runtime or 0, "▒", "overhead"),
    ]
