"""What if: one deployment for every combination of model, quantization, accelerator, devices, context and concurrency.

The arithmetic is that of one plan, taken apart by what each part rests on: a model is read once, its weights are
placed once for a number of devices, an engine's demand is worked out once for a device, and only what a sequence takes
is compared for each context and concurrency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from planner.plan import serving
from planner.plan.fixes import longest_that_fits
from planner.record import NamedTuple
from planner.workload import Engine, Hardware, Model, Quantization, Serving

if TYPE_CHECKING:
    from planner.plan.serving import Case, Layout
    from planner.plan.types import ModelPlan

AS_PUBLISHED = "none"
"""What is asked for where weights are to stay as they are."""
Refusal = Callable[[Model, "ModelPlan", Serving], str]
"""Why an engine would not start such a deployment, memory aside; empty where it would."""


class Variant(NamedTuple):
    """A model in one form."""

    name: str
    quantization: str
    """As it was asked for, or of the published weights; "none" without one."""
    model: Model
    plan: ModelPlan


class Devices(NamedTuple):
    """A kind of device, and how many of them there may be."""

    label: str
    hardware: Hardware
    counts: tuple[int, ...]


class Grid(NamedTuple):
    """All that is asked at once."""

    variants: tuple[Variant, ...]
    devices: tuple[Devices, ...]
    contexts: tuple[int, ...]
    concurrencies: tuple[int, ...] = (1,)
    engine: Engine | None = None
    kv_cache_dtype: str | None = None

    @property
    def size(self) -> int:
        """Combinations."""
        layouts = sum(len(each.counts) for each in self.devices)
        return len(self.variants) * layouts * len(self.contexts) * len(self.concurrencies)


class Combination(NamedTuple):
    """One deployment; bytes are those of the fullest device, as in a plan."""

    model: str
    quantization: str
    dtype: str | None
    accelerator: str
    devices: int
    engine: str | None
    engine_version: str | None
    context: int
    concurrency: int
    kv_cache_dtype: str
    usable_bytes: int | None
    budget_bytes: int | None
    weights_bytes: int | None
    kv_cache_bytes: int | None
    kv_available_bytes: int | None
    fits: bool | None
    fits_basis: str
    max_context_that_fits: int | None
    max_concurrency: float | None
    max_context: int | None
    """Of the model itself."""
    refused: str
    """Why the engine would not start it, memory aside; empty where it would."""

    @property
    def runs(self) -> bool:
        """Whether it fits and nothing else is in the way."""
        return self.fits is True and not self.refused


def variants(model: Model, schemes: Iterable[str], engine: str | None) -> Iterator[Variant]:
    """`model` in each of `schemes`; weights that come quantized stay as they are, which is one variant."""
    from planner.plan.model import model_plan

    plan, _ = model_plan(model, engine)
    if plan is None:
        return
    name = model.name or ""
    if plan.scheme is not None:
        yield Variant(name, plan.scheme.method, model, plan)
        return
    for scheme in schemes:
        asked = model if scheme == AS_PUBLISHED else model._replace(quantization=_asked(scheme))
        found = plan if asked is model else model_plan(asked, engine)[0]
        if found is not None:
            yield Variant(name, scheme, asked, found)


@cache
def _asked(scheme: str) -> Quantization:
    """One object for all models, by which it is known what it does to their weights."""
    return Quantization(scheme)


def combinations(grid: Grid, refused: Refusal) -> Iterator[Combination]:
    """Every combination, by variant, kind of device, devices, context and concurrency, each in the order asked."""
    counts = sorted({count for each in grid.devices for count in each.counts})
    on_kinds = [(devices, Serving(engine=grid.engine, hardware=devices.hardware)) for devices in grid.devices]
    layouts: dict[int, tuple[Case, Layout, str]] = {}
    for variant in grid.variants:
        layouts = {count: _layout(grid, variant, count, refused, layouts.get(count)) for count in counts}
        beyond = {context: refused(variant.model, variant.plan, Serving(context=context)) for context in grid.contexts}
        for devices, alone in on_kinds:
            unfit = refused(variant.model, variant.plan, alone)
            for count in devices.counts:
                case, layout, undivided = layouts[count]
                yield from _on_devices(grid, variant, devices, case, layout, undivided or unfit, beyond)


def _layout(
    grid: Grid, variant: Variant, count: int, refused: Refusal, before: tuple[Case, Layout, str] | None
) -> tuple[Case, Layout, str]:
    """The deployment on `count` devices of no kind, what it is worked out from, and why it cannot be.

    `before`: the same of the variant before, which may be another form of its model.
    """
    asked = Serving(
        engine=grid.engine, context=grid.contexts[0], kv_cache_dtype=grid.kv_cache_dtype, tensor_parallel=count
    )
    case = serving.case(asked, variant.plan)
    undivided = refused(variant.model, variant.plan, asked._replace(context=None))
    return case, serving.Layout(case, before and before[1]), undivided


def _on_devices(
    grid: Grid, variant: Variant, devices: Devices, case: Case, layout: Layout, unfit: str, beyond: dict[int, str]
) -> Iterator[Combination]:
    """The combinations of one layout on one kind of device."""
    hardware, most = devices.hardware, variant.plan.max_context
    room = layout.on(hardware, grid.contexts[0], grid.concurrencies[0])
    version = ".".join(map(str, case.version)) if case.version else None
    which = variant.name, variant.quantization, variant.plan.dtype, devices.label, case.devices, case.engine, version
    longest: dict[object, int | None] = {}
    for context in grid.contexts:
        one = layout.sequence(room, context)
        for concurrency in grid.concurrencies:
            if room.by_sequence:
                room = layout.on(hardware, context, concurrency)
                one = layout.sequence(room, context)
            key = concurrency, context if room.by_sequence and room.demand.paged else None
            if key not in longest:
                if room.by_sequence or case.concurrency != concurrency:
                    case = case._replace(hardware=hardware, context=context, concurrency=concurrency)
                longest[key] = longest_that_fits(case, layout, room)
            device = room.device
            yield Combination(
                *which,
                context,
                concurrency,
                case.kv_dtype,
                device.usable,
                device.budget,
                device.weights,
                one.device * concurrency if one.device is not None else None,
                device.kv_available,
                *serving.verdict(room, one, concurrency),
                longest[key],
                serving.sequences(device.kv_available, one),
                most,
                unfit or beyond[context],
            )
