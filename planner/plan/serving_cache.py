"""The cache of a deployment: what one sequence takes of it, and what it holds, as the engine lays it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.units import DTYPE_BITS

if TYPE_CHECKING:
    from planner.memory.engines import Demand
    from planner.memory.pages import Pages
    from planner.plan.serving_case import Case
    from planner.plan.types import ModelPlan

NOT_LAID_OUT = "how the engine lays compressed caches out is not known: fewer sequences may fit than their bytes say"


class Cache(NamedTuple):
    """The cache of one sequence, in bytes."""

    per_token: int
    state: int
    whole: int | None
    """At the stated context, whole model."""
    device: int | None
    """The same on the fullest device, as the engine lays it out."""
    device_low: int | None
    pages: Pages | None
    laid_out: bool
    """False where the engine's layout is not known: what it holds may be far less than its bytes allow."""


def activation_bytes(model: ModelPlan) -> int:
    """Bytes of an element of activations and of recurrent states."""
    return 4 if model.dtype == "float32" else 2


def cache_of(case: Case, demand: Demand) -> Cache | None:
    """What one sequence takes and how the engine lays it out; None where only the size of the model is known."""
    architecture = case.model.architecture
    if architecture is None:
        return None
    from planner.memory import cache

    bits, own = DTYPE_BITS[case.kv_dtype], activation_bytes(case.model)
    paging = demand.paging
    if paging is not None and paging.bits is not None:
        bits = int(paging.bits)
    state = cache.state_bytes(architecture, own)
    per_token = cache.bytes_per_token(architecture, bits)
    pages = _pages(case, demand)
    known = pages is not None or paging is None
    if case.context is None:
        return Cache(per_token, state, None, None, None, pages, known)
    whole = cache.sequence_bytes(architecture, case.context, bits, own)
    if paging is not None and paging.spread:
        low = -(-whole // case.devices)
    else:
        rank = cache.sequence_bytes(architecture, case.context, bits, own, case.tensor_parallel)
        low = -(-rank // case.pipeline_parallel)
    device = pages.request_bytes(case.context) if pages else low
    return Cache(per_token, state, whole, device, low, pages, known)


def _pages(case: Case, demand: Demand) -> Pages | None:
    """How the engine lays the cache out; None where it takes exactly what its tokens need, or in a way not known."""
    architecture = case.model.architecture
    if architecture is None or demand.paging is None:
        return None
    from planner.memory.pages import pages

    drafted = case.draft.layers if case.draft else ()
    return pages(
        architecture._replace(layers=architecture.layers + drafted) if drafted else architecture,
        case.packed_bits or DTYPE_BITS[case.kv_dtype],
        activation_bytes(case.model),
        case.tensor_parallel,
        case.pipeline_parallel,
        demand.paging,
    )


def longest(case: Case, cache: Cache | None, available: int | None, concurrency: int) -> int | None:
    """Tokens that each of `concurrency` sequences can hold in `available` bytes of the fullest device."""
    architecture = case.model.architecture
    if architecture is None or cache is None or available is None:
        return None
    each = max(0, available) // max(1, concurrency)
    if cache.pages is not None:
        return cache.pages.longest(each)
    from planner.memory import cache as memory

    bits, own = DTYPE_BITS[case.kv_dtype], activation_bytes(case.model)
    return memory.longest_context(architecture, each * case.pipeline_parallel, bits, own, case.tensor_parallel)


def capacity(case: Case, cache: Cache | None, available: int | None, concurrency: float | None) -> int | None:
    """Tokens that the cache holds in all, as the engine's log counts them."""
    if cache is None or available is None or not cache.laid_out:
        return None
    if cache.pages is not None:
        return cache.pages.tokens(available, case.context)
    if concurrency is not None and case.context:
        return int(concurrency * case.context)
    return longest(case, cache, available, 1)


def equal_context(case: Case, cache: Cache | None) -> int | None:
    """Context at which the cache of one sequence weighs as much as the weights."""
    weights, architecture = case.model.weights_bytes, case.model.architecture
    if weights is None or architecture is None or cache is None or not cache.per_token:
        return None
    from planner.memory import cache as memory

    own = activation_bytes(case.model)
    equal = memory.longest_context(architecture, weights, DTYPE_BITS[case.kv_dtype], own)
    return None if equal >= memory.LONGEST else equal
