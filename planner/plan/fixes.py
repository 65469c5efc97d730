"""What would fit: each answer found by working the changed deployment out again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.memory.cache import LONGEST
from planner.plan.serving import Case, longest_context, verdict, work_out
from planner.plan.serving_cache import sequence
from planner.plan.serving_words import NATIVE
from planner.plan.types import Fix
from planner.units import gib

if TYPE_CHECKING:
    from planner.plan.serving_layout import Layout, Room
    from planner.plan.types import ModelPlan, ServingPlan
    from planner.workload import Model

Words = Mapping[str, str]
DEVICES = (1, 2, 4, 8, 16, 32, 64)
FARTHEST = 1 << 24
"""Tokens up to which a context is looked for where the model has no limit."""
SCHEMES = (("fp8", "FP8"), ("int8", "8 bit"), ("awq", "AWQ 4 bit"))
"""From the mildest; (what to write as `quantization`, name)."""


def limits(case: Case, plan: ServingPlan, words: Words = NATIVE) -> Iterator[Fix]:
    """The largest context, the largest concurrency and the fewest devices that fit, other things equal.

    `words` say how each is written in the config.
    """
    if case.concurrency > 1 and plan.paged and not _holds_one(plan):
        yield from _alone(case, plan, words)
    yield from _context(case, plan.max_context_that_fits, words)
    if plan.max_concurrency is not None and plan.max_concurrency >= 1 and case.context:
        most = int(plan.max_concurrency)
        written = words["concurrency"].format(value=most)
        yield Fix("concurrency", str(most), f"{written}: as many sequences of {case.context:,} tokens fit")
    yield from _devices(case, words)


def longest_that_fits(case: Case, layout: Layout, room: Room) -> int | None:
    """The most tokens that each sequence can have; where activations grow with the context, found by bisection."""
    longest = room.held.longest(room.device.kv_available, case.concurrency) if room.held else None
    if room.demand.paged or longest is None:
        return longest
    most = case.model.max_context or FARTHEST
    if not room.by_sequence:
        return min(longest, most)
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(case._replace(context=middle), layout) else (low, middle)
    return low


def _fits(case: Case, layout: Layout) -> bool | None:
    room = layout.room(case)
    return verdict(room, sequence(room.held, case.context), case.concurrency)[0]


def _holds_one(plan: ServingPlan) -> bool:
    """Whether the cache has room for one sequence; an engine that pages it starts then."""
    available, one = plan.per_device.kv_available, plan.sequence_bytes
    return available is None or one is None or one <= available


def _alone(case: Case, plan: ServingPlan, words: Words) -> Iterator[Fix]:
    """The largest context of one sequence at a time: the engine starts, the others wait."""
    single = case._replace(concurrency=1)
    for fix in _context(single, longest_context(single, plan.per_device.kv_available, 1), words):
        yield fix._replace(text=f"{fix.text} one sequence at a time")


def _context(case: Case, longest: int | None, words: Words) -> Iterator[Fix]:
    cap = case.model.max_context
    if longest is None or longest < 1 or (longest >= LONGEST and not cap):
        return
    most = min(longest, cap) if cap else longest
    if most >= 16:
        most -= most % 16
    limit = " (the model's own limit)" if cap and longest >= cap else ""
    each = "" if case.concurrency == 1 else f" for each of {case.concurrency:,} sequences"
    yield Fix("context", str(most), f"{words['context'].format(value=most)}{each}: the longest that fits{limit}")


def _devices(case: Case, words: Words) -> Iterator[Fix]:
    """The fewest devices of the same kind, tensor-parallel, where these are not what it has."""
    heads = case.model.architecture.layers[0].query_heads if case.model.architecture else 0
    for count in DEVICES:
        if heads and heads % count:
            continue
        plan = work_out(case._replace(tensor_parallel=count, pipeline_parallel=1))
        if plan.fits:
            if (case.tensor_parallel, case.pipeline_parallel) == (count, 1):
                return
            weights, available = plan.per_device.weights or 0, plan.per_device.kv_available or 0
            each = f"{gib(weights)} of weights and {gib(available)} for the KV cache on each"
            devices = f"{count} device{'s' if count > 1 else ''}"
            written = words["tensor_parallel"].format(value=count)
            yield Fix("tensor_parallel", str(count), f"{devices} ({written}): {each}")
            return


def lighter(case: Case, model: Model, words: Words = NATIVE) -> Iterator[Fix]:
    """The mildest dtype or quantization of weights, and the cache dtype, with which it fits on the same devices."""
    if case.kv_dtype not in ("float8", "int8") and work_out(case._replace(kv_dtype="float8", packed_bits=None)).fits:
        yield Fix("kv_cache_dtype", "fp8", f"{words['kv_cache_dtype'].format(value='fp8')}: half the bytes per token")
    for plan, what, value, name in _variants(case, model):
        worked = work_out(case._replace(model=plan))
        if worked.fits or (worked.fits is None and _weights_fit(worked)):
            written = words[what].format(value=value, name=name)
            yield Fix(what, value, f"{written}: weights of {gib(plan.weights_bytes or 0)}")
            return


def _weights_fit(plan: ServingPlan) -> bool:
    return plan.per_device.kv_available is not None and plan.per_device.kv_available > 0


def _variants(case: Case, model: Model) -> Iterator[tuple[ModelPlan, str, str, str]]:
    from planner.plan.model import model_plan
    from planner.workload import Quantization

    if model.folder or case.model.quantization:
        return
    for method, name in SCHEMES:
        plan, _ = model_plan(model._replace(quantization=Quantization(method)), case.engine)
        if plan is not None and (plan.weights_bytes or 0) < (case.model.weights_bytes or 0):
            yield plan, "quantization", method, name
