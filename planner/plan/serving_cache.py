"""The cache of a deployment: what one sequence takes of it, and what it holds, as the engine lays it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.memo import by_both
from planner.memory import cache
from planner.memory.cache import LONGEST, most_tokens
from planner.record import NamedTuple
from planner.units import DTYPE_BITS

if TYPE_CHECKING:
    from planner.memory.pages import Pages, Paging
    from planner.model.stack import Architecture, Layer
    from planner.plan.serving_case import Case
    from planner.plan.types import ModelPlan

NOT_LAID_OUT = (
    "how the engine lays compressed caches out is not known: fewer sequences may fit than their bytes say, "
    "a fifth or less in logs of DeepSeek-V4"
)


class Held(NamedTuple):
    """What a sequence takes as a function of its tokens, in bytes, states included."""

    per_token: int
    state: int
    whole: Callable[[int], int]
    """Of the whole model."""
    low: Callable[[int], int]
    """On the fullest device, at least."""
    device: Callable[[int], int]
    """On the fullest device, as the engine lays it out."""
    pages: Pages | None
    laid_out: bool
    """False where the engine's layout is not known: what it holds may be far less than its bytes allow."""
    most: Callable[[int], int]
    """Tokens of one sequence for which `device` is within so many bytes."""

    def longest(self, available: int | None, concurrency: int) -> int | None:
        """Tokens that each of `concurrency` sequences can hold in `available` bytes of the fullest device."""
        if available is None:
            return None
        return self.most(max(0, available) // max(1, concurrency))


class Sequence(NamedTuple):
    """The cache of one sequence at the stated context, in bytes; None without one."""

    whole: int | None = None
    """Of the whole model."""
    device: int | None = None
    """On the fullest device, as the engine lays it out."""
    low: int | None = None
    """Lower bound of `device`."""


def activation_bytes(model: ModelPlan) -> int:
    """Bytes of an element of activations and of recurrent states."""
    return 4 if model.dtype == "float32" else 2


def held(case: Case, paging: Paging | None) -> Held | None:
    """The cache of `case` as its engine pages it; None where only the size of the model is known."""
    if case.architecture is None:
        return None
    return _held(
        case.architecture,
        case.draft.layers if case.draft else (),
        DTYPE_BITS[case.kv_dtype],
        case.packed_bits,
        activation_bytes(case.model),
        case.tensor_parallel,
        case.pipeline_parallel,
        paging,
    )


@by_both
def _held(
    architecture: Architecture,
    drafted: tuple[Layer, ...],
    bits: int,
    packed_bits: float | None,
    own: int,
    tensor_parallel: int,
    stages: int,
    paging: Paging | None,
) -> Held:
    """The cache of `architecture` in elements of `bits`, and of states of `own` bytes; only pages count what drafts."""
    laid_out = _pages(architecture, drafted, packed_bits or bits, own, tensor_parallel, stages, paging)
    if paging is not None and paging.bits is not None:
        bits = int(paging.bits)
    whole = cache.sequence_needs(architecture, bits, own)
    if paging is not None and paging.spread:
        low = _divided(whole, tensor_parallel * stages)
    else:
        low = _divided(cache.sequence_needs(architecture, bits, own, tensor_parallel), stages)
    device = laid_out.needs() if laid_out else low
    return Held(
        cache.bytes_per_token(architecture, bits),
        cache.state_bytes(architecture, own),
        whole,
        low,
        device,
        laid_out,
        laid_out is not None or paging is None,
        cache.inverse(device, laid_out.step if laid_out else 1),
    )


def _divided(needed: Callable[[int], int], among: int) -> Callable[[int], int]:
    return needed if among == 1 else lambda tokens: -(-needed(tokens) // among)


def _pages(
    architecture: Architecture,
    drafted: tuple[Layer, ...],
    bits: float,
    own: int,
    tensor_parallel: int,
    stages: int,
    paging: Paging | None,
) -> Pages | None:
    """How the engine lays the cache out; None where it takes exactly what its tokens need, or in a way not known."""
    if paging is None:
        return None
    from planner.memory.pages import pages

    if drafted:
        architecture = architecture._replace(layers=architecture.layers + drafted)
    return pages(architecture, bits, own, tensor_parallel, stages, paging)


def sequence(held: Held | None, context: int | None) -> Sequence:
    """What one sequence of `context` tokens takes."""
    if held is None or context is None:
        return Sequence()
    return Sequence(held.whole(context), held.device(context), held.low(context))


def capacity(held: Held | None, context: int | None, available: int | None) -> int | None:
    """Tokens that `available` bytes of the fullest device hold in all, as the engine's log counts them."""
    if held is None or available is None or not held.laid_out:
        return None
    if held.pages is not None:
        return held.pages.tokens(available, context)
    each = held.device(context) if context else 0
    return int(available / each * context) if context and each and available > 0 else held.longest(available, 1)


def equal_context(held: Held | None, weights: int | None) -> int | None:
    """Context at which the cache of one sequence weighs as much as the weights."""
    if weights is None or held is None or not held.per_token:
        return None
    equal = most_tokens(held.whole, weights)
    return None if equal >= LONGEST else equal
