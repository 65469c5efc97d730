"""The memory of one device of a deployment: what is in it, what is left, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.bar import Part, bar, legend, mark
from planner.report.layout import flow, share, size, size_and_gb
from planner.units import gib, plural

if TYPE_CHECKING:
    from planner.plan.types import DeviceMemory, ModelPlan, Plan, ServingPlan
    from planner.report.style import Style
    from planner.workload import Hardware

BAR = 72


def cache(serving: ServingPlan, model: ModelPlan | None) -> Iterator[str]:
    """The cache of a token and at the context, against the weights."""
    if serving.kv_cache_bytes_per_token is None:
        return
    yield f"{size(serving.kv_cache_bytes_per_token)} a token in {serving.kv_cache_dtype or 'its dtype'}, whole model"
    if serving.state_bytes_per_sequence:
        yield f"{size(serving.state_bytes_per_sequence)} of recurrent state a sequence, whatever its length"
    if serving.kv_cache_bytes is not None and serving.context is not None:
        weights = model.weights_bytes if model else None
        against = f", {share(serving.kv_cache_bytes, weights)} of the weights" if weights else ""
        sequences = plural(serving.concurrency, "sequence")
        yield f"{size(serving.kv_cache_bytes)} for {sequences} of {serving.context:,} tokens{against}"
    if serving.equal_context is not None:
        yield f"one sequence of {serving.equal_context:,} tokens takes as much as the weights"


def device(plan: Plan, style: Style) -> Iterator[str]:
    """One device: a bar to scale, its legend, and the verdict."""
    serving = plan.serving
    if serving is None:
        return
    yield place(plan.workload.serving.hardware if plan.workload.serving else None, serving.devices, _engine(serving))
    content = parts(serving.per_device)
    yield from drawing(content, serving.per_device.usable, serving.per_device.budget, style)
    yield _verdict(serving, sum(part.size for part in content), style)
    yield from _limits(serving)
    if serving.accelerators_that_fit:
        yield f"enough: {', '.join(map(escape.text, serving.accelerators_that_fit))}"


def place(hardware: Hardware | None, devices: int | None, who: str) -> str:
    """What the section is about: "one of 4 devices, A100 80GB with 79.19 GiB (85.03 GB), vllm 0.20.2"."""
    which = f"one of {devices} devices" if devices and devices > 1 else "one device"
    name = f", {escape.text(hardware.name)}" if hardware and hardware.name else ""
    memory = hardware.memory if hardware else None
    return f"{which}{name}{f' with {size_and_gb(memory)}' if memory else ''}{f', {who}' if who else ''}"


def drawing(parts: Sequence[Part], usable: int | None, budget: int | None, style: Style) -> Iterator[str]:
    """The bar with its limits, and the legend."""
    width = min(BAR, style.width)
    needed = sum(part.size for part in parts)
    parts = [part for part in parts if part.size]
    if usable is not None:
        limit = usable if budget is None else budget
        rest = (
            Part("free", max(0, limit - needed), "░", "dim"),
            Part("not for the engine", usable - max(limit, needed), "·", "dim"),
        )
        parts += [part for part in rest if part.size > 0]
        yield bar(parts, width, style)
        whole = max(needed, usable)
        if limit < usable or needed > limit:
            yield mark(limit, whole, f"{'budget' if limit < usable else 'device'}: {gib(limit)}", width)
    yield from flow(legend(parts, style), "   ", style.width)


def parts(memory: DeviceMemory) -> list[Part]:
    """What is in the memory of a device."""
    overhead = (memory.activation or 0) + (memory.runtime or 0) + (memory.graph or 0)
    return [
        Part("weights", memory.weights or 0, "█", "weights"),
        Part("KV cache", memory.kv_cache or 0, "▓", "cache"),
        Part("activations and overhead", overhead, "▒", "overhead"),
    ]


def _engine(serving: ServingPlan) -> str:
    return escape.text(f"{serving.engine or ''} {serving.engine_version or ''}".strip())


def _verdict(serving: ServingPlan, needed: int, style: Style) -> str:
    return verdict(serving.fits, serving.fits_basis, needed, serving.per_device.budget, style)


def verdict(fits: bool | None, basis: str, needed: int, limit: int | None, style: Style) -> str:
    """Whether it fits, how that is known, and the two numbers."""
    numbers = f"{gib(needed)} needed{f' of {gib(limit)}' if limit is not None else ''}"
    if fits is None:
        return f"{style.paint('strong', 'not known whether it fits')}: {numbers}"
    said = style.paint("good", "fits") if fits else style.paint("error", "does not fit")
    return f"{said} ({basis}): {numbers}"


def _limits(serving: ServingPlan) -> Iterator[str]:
    """What the room for the cache comes to."""
    available = serving.per_device.kv_available
    if available is None or available <= 0 or serving.kv_capacity_tokens is None:
        return
    sequences = f", {serving.max_concurrency:,.1f} sequences" if serving.max_concurrency is not None else ""
    context = f" of {serving.context:,}" if sequences and serving.context else ""
    tokens = f"{serving.kv_capacity_tokens:,} tokens{sequences}{context}"
    yield f"room for the KV cache: {size(available)} on each device, {tokens}"
