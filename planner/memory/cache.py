"""What a sequence keeps on the device: keys and values of its tokens, and the states of recurrent layers.

A layer keeps `heads × width` elements for each of its last `window` tokens, or one such entry for `every` tokens. With
T tokens that is Σ heads · width · min(T, window) / every over the layers, and Σ elements of states beside it. As it is
what must be held, convolutions count K − 1 columns, and states are in the model's dtype, as vLLM keeps them by default;
transformers' own cache holds W − 1 tokens of a window of W, K columns, and float32 states.
"""

from __future__ import annotations

from collections.abc import Callable

from planner.memo import by_identity
from planner.model.stack import Architecture, Cache, counted

LONGEST = 1 << 40
"""Tokens; the answer where a cache stops growing, as it does when every layer has a window or a state."""


def rank_heads(cache: Cache, tensor_parallel: int) -> int:
    """KV heads that one tensor-parallel rank holds: its share, one at least; all of what is not sharded."""
    return max(1, -(-cache.heads // tensor_parallel)) if cache.sharded else cache.heads


def entries(cache: Cache, tokens: int) -> int:
    """What `tokens` tokens leave in `cache`; the last, incomplete group of a compressed cache leaves nothing.

    A cross-attention's length is its own, whatever the text's.
    """
    if cache.kind == "cross" and cache.window is not None:
        return cache.window
    kept = tokens if cache.window is None else min(tokens, cache.window)
    return kept // cache.every


@by_identity
def bytes_per_token(architecture: Architecture, dtype_bits: int, tensor_parallel: int = 1) -> int:
    """Bytes that a token takes in the caches of all layers while it is in every layer's window.

    2 · layers · KV heads · head size · bytes for plain attention (Pope et al. 2022, section 3.3).
    """
    bits = 0
    for layer, count, _ in counted(architecture.layers):
        for cache in layer.caches:
            if cache.kind != "cross" or cache.window is None:
                bits += count * -(-rank_heads(cache, tensor_parallel) * cache.width * dtype_bits // cache.every)
    return -(-bits // 8)


@by_identity
def state_bytes(architecture: Architecture, model_dtype_bytes: int, tensor_parallel: int = 1) -> int:
    """Bytes that a sequence takes in the states of recurrent layers, whatever its length."""
    return sum(
        count * -(-state.elements // tensor_parallel) * (state.bytes_each or model_dtype_bytes)
        for layer, count, _ in counted(architecture.layers)
        for state in layer.states
    )


def sequence_bytes(
    architecture: Architecture, tokens: int, dtype_bits: int, model_dtype_bytes: int = 2, tensor_parallel: int = 1
) -> int:
    """Bytes that one sequence of `tokens` tokens takes on one tensor-parallel rank, states included."""
    return sequence_needs(architecture, dtype_bits, model_dtype_bytes, tensor_parallel)(tokens)


@by_identity
def sequence_needs(
    architecture: Architecture, dtype_bits: int, model_dtype_bytes: int = 2, tensor_parallel: int = 1
) -> Callable[[int], int]:
    """`sequence_bytes` as a function of the tokens, with all else worked out."""
    kinds = _kinds(architecture, tensor_parallel)
    states = state_bytes(architecture, model_dtype_bytes, tensor_parallel)

    def needed(tokens: int) -> int:
        return -(-sum(elements * entries(cache, tokens) for cache, elements in kinds) * dtype_bits // 8) + states

    return needed


def longest_context(
    architecture: Architecture,
    budget_bytes: int,
    dtype_bits: int,
    model_dtype_bytes: int = 2,
    tensor_parallel: int = 1,
) -> int:
    """The most tokens of one sequence that `budget_bytes` hold on one rank; 0 if not one, `LONGEST` without a limit."""
    return most_tokens(sequence_needs(architecture, dtype_bits, model_dtype_bytes, tensor_parallel), budget_bytes)


def most_tokens(needed: Callable[[int], int], budget: int, step: int = 1) -> int:
    """The most tokens for which `needed` is within `budget`, see `inverse`."""
    return inverse(needed, step)(budget)


def inverse(needed: Callable[[int], int], step: int = 1) -> Callable[[int], int]:
    """The most tokens for which `needed`, which never falls, is within a budget; 0 if not one, `LONGEST` at most.

    What is needed rises just beyond multiples of `step` alone. Caches are straight lines in such steps once all windows
    are full: the answer is looked for where that line meets the budget, then by chords and their surroundings.
    """
    first, top = needed(step), -(-LONGEST // step)
    last, run = needed(LONGEST), top - top // 2
    rise = last - needed(top // 2 * step)

    def most(budget: int) -> int:
        if first > budget or last <= budget:
            return LONGEST if last <= budget else 0
        low, high, reach = (1, first), (top, last), 1
        at = max(1, top - (last - budget) * run // rise) if rise else 1
        if needed(at * step) <= budget < needed((at + 1) * step):
            return at * step
        while high[0] - low[0] > 2 * reach:
            at = min(high[0] - 1, max(low[0] + 1, at))
            for steps in (at, at + reach, at - reach):
                if low[0] < steps < high[0]:
                    here = needed(steps * step)
                    low, high = ((steps, here), high) if here <= budget else (low, (steps, here))
            at = low[0] + (budget - low[1]) * (high[0] - low[0]) // (high[1] - low[1])
            reach *= 4
        return _between(needed, budget, step, low[0], high[0]) * step

    return most


def _between(needed: Callable[[int], int], budget: int, step: int, low: int, high: int) -> int:
    """The same in steps, by bisection between a number that fits and one that does not."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if needed(middle * step) <= budget else (low, middle)
    return low


def _kinds(architecture: Architecture, tensor_parallel: int) -> tuple[tuple[Cache, int], ...]:
    """Each distinct cache and the elements that one entry of it takes in all layers on one rank."""
    elements: dict[Cache, int] = {}
    for layer, count, _ in counted(architecture.layers):
        for cache in layer.caches:
            each = count * rank_heads(cache, tensor_parallel) * cache.width
            elements[cache] = elements.get(cache, 0) + each
    return tuple(elements.items())
