"""The KV cache as an engine lays it out: pages of a block of tokens, layers in groups that share them.

vLLM keeps one pool of equal pages. Layers of one kind form a group; a model with several kinds (full and sliding
attention, attention and recurrent states) is cut into groups of equally many layers, and every block of every group
takes one page in each of those layers (vllm/v1/core/kv_cache_utils.py, get_kv_cache_groups).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, gcd
from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.memory.cache import LONGEST, most_tokens, rank_heads
from planner.model.stack import counted
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.stack import Architecture, Cache, Layer

PADDED_HEAD = 256
"""Width to which vLLM padded the heads of latent attention while it kept them whole (before 0.7)."""
CHUNK = 256
"""Tokens to whose multiples blocks grow where each has states of its own (`chunk_size` of Mamba-2)."""
MOST_PADDING = 1.5
"""Kinds whose counts of layers differ by less are padded to one size (1.25 in early versions)."""


class Paging(NamedTuple):
    """How an engine pages its cache."""

    block: int = 16
    """Tokens of a page."""
    ahead: int = 0
    """Tokens beyond its window that a layer holds while a prompt is read in chunks."""
    windows: bool = True
    """Sliding layers drop what leaves their window; where False they keep all."""
    latent: bool = True
    """Latent attention keeps its compressed entries; where False the keys and values of every head."""
    grouped: bool = True
    """All layers draw on one pool of pages; where False each has a cache of its own."""
    by_request: bool = True
    """Tokens are reported as requests that fit × their length; where False as blocks over groups."""
    spread: bool = False
    """Heads are never replicated: devices share layers or fractions of heads."""
    bits: float | None = None
    """Of one element, scales included; None = as the dtype of the cache."""
    states: int = 1
    """Pages that the states of a sequence take in each layer; 0 = one for every block of tokens."""
    aside: float = 0.0
    """Share of the cache that only states can take, and all that they can take; 0 where they share it with tokens."""


class Group(NamedTuple):
    """Layers of one kind."""

    kind: str
    """full, sliding, chunked, state, or cross."""
    layers: int
    """In the whole model."""
    page: int
    """Bytes of `block` tokens in one layer on one rank; of all states of a sequence."""
    block: int
    """Tokens of a page; 0 where a sequence takes the same pages whatever its length."""
    window: int | None = None


class Pages(NamedTuple):
    """The cache of a model on one tensor-parallel rank."""

    groups: tuple[Group, ...]
    paging: Paging
    stages: int = 1
    """Pipeline stages; a rank holds the layers of one."""

    @property
    def pool(self) -> bool:
        """Whether the layers draw on one pool of equal pages."""
        return self.paging.grouped and several(self.groups)

    @property
    def group_size(self) -> int:
        """Layers of a group in the pool: as many as the rarest kind has, or the commonest where they are close."""
        counts = [group.layers for group in self.groups]
        return max(counts) if max(counts) < MOST_PADDING * min(counts) else min(counts)

    @property
    def splits(self) -> tuple[int, ...]:
        """Into how many groups of `group_size` layers each kind is cut; the last is padded."""
        return tuple(-(-group.layers // self.group_size) for group in self.groups)

    def request_bytes(self, tokens: int) -> int:
        """Bytes that one sequence of `tokens` tokens takes on the rank that holds most layers."""
        return self.needs()(tokens)

    def needs(self) -> Callable[[int], int]:
        """`request_bytes`, with all worked out that does not depend on the tokens."""
        aside = self.paging.aside
        if not aside:
            return self._needs(self.groups)
        states, rest = self._needs(self._of_states(True)), self._needs(self._of_states(False))
        return lambda tokens: max(ceil(states(tokens) / aside), ceil(rest(tokens) / (1 - aside)))

    def _of_states(self, which: bool) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if (group.kind == "state") is which)

    def _needs(self, groups: tuple[Group, ...]) -> Callable[[int], int]:
        if self.pool:
            unit = self._stage(self.group_size) * self.groups[0].page
            sizes = [cut * unit for cut in self.splits]
        else:
            sizes = [self._stage(group.layers) * group.page for group in groups]
        steps = [(size, *self._steps(group)) for size, group in zip(sizes, groups, strict=True)]
        fixed = sum(size * always for size, always, _, _ in steps)
        growing = [(size, block, most) for size, _, block, most in steps if block]

        def needed(tokens: int) -> int:
            total = fixed
            for size, block, most in growing:
                total -= size * (-min(tokens, most) // block)
            return total

        return needed

    def _steps(self, group: Group) -> tuple[int, int, int]:
        """(Pages in each layer whatever the length, tokens of a further one or 0, tokens beyond which none comes)."""
        if not group.block:
            return max(1, self.paging.states), 0, 0
        if group.window is None:
            return 0, group.block, LONGEST
        if group.kind == "cross":
            return -(-group.window // group.block), 0, 0
        before = group.window - 1 if group.kind == "sliding" else group.window
        spare = 1 if group.kind == "sliding" and self.paging.grouped else 0
        return spare, group.block, before + self.paging.ahead

    def _stage(self, layers: int) -> int:
        return -(-layers // self.stages)

    def blocks_bytes(self, blocks: int) -> int:
        """Bytes of a pool of `blocks` blocks."""
        if self.pool:
            return blocks * self._stage(self.group_size) * self.groups[0].page
        return blocks * sum(self._stage(group.layers) * group.page for group in self.groups)

    def tokens(self, available: int, context: int | None) -> int | None:
        """Tokens that `available` bytes hold, as the engine counts them ("GPU KV cache size"); None if unbounded."""
        sized = [group.block for group in self.groups if group.block]
        if not sized or available <= 0:
            return 0 if available <= 0 else None
        blocks = available // max(1, self.blocks_bytes(1))
        if context and self.paging.aside:
            each = self._needs(self._of_states(False))(context)
            return int(available * (1 - self.paging.aside) / max(1, each) * context)
        if context and ((self.pool and self.paging.by_request) or not self.paging.grouped):
            return int(available / max(1, self.request_bytes(context)) * context)
        return int(blocks // (sum(self.splits) if self.pool else 1) * min(sized))

    def longest(self, available: int) -> int:
        """The most tokens of one sequence that `available` bytes hold; `LONGEST` where it stops growing before."""
        return most_tokens(self.needs(), available, self.step)

    @property
    def step(self) -> int:
        """Tokens by which what a sequence takes rises: with no other number of them than its multiples."""
        return gcd(*(group.block for group in self.groups)) or 1


def pages(
    architecture: Architecture, bits: float, state_bytes: int, tensor_parallel: int, stages: int, paging: Paging
) -> Pages | None:
    """The cache of `architecture`, of elements of `bits`; None where its layout is not known (compressed caches).

    `state_bytes` are those of one element of a recurrent state.
    """
    groups = _groups(architecture, bits, state_bytes, tensor_parallel, paging._replace(ahead=0))
    return None if groups is None else Pages(groups, paging, stages)


@by_identity
def _groups(
    architecture: Architecture, bits: float, state_bytes: int, tensor_parallel: int, paging: Paging
) -> tuple[Group, ...] | None:
    kinds: dict[tuple[str, int, int | None], int] = {}
    block = paging.block
    for layer, count, _ in counted(architecture.layers):
        kind = _kind(layer, paging.bits or bits, state_bytes, tensor_parallel, paging)
        if kind is None:
            return None
        if kind[0]:
            kinds[kind] = kinds.get(kind, 0) + count
    groups = [
        Group(name, layers, size if name == "state" else _whole(size * block), 0 if name == "state" else block, window)
        for (name, size, window), layers in kinds.items()
    ]
    shaped = _equal_pages(groups, paging) if paging.grouped else groups
    return None if shaped is None else tuple(shaped)


def _whole(bits: int) -> int:
    return -(-bits // 8)


def _kind(
    layer: Layer, bits: float, state_bytes: int, tensor_parallel: int, paging: Paging
) -> tuple[str, int, int | None] | None:
    """(kind, bits of a token in one layer or bytes of its states, window); no kind for a layer that keeps nothing."""
    caches = [cache for cache in layer.caches if cache.kind != "cross"]
    if any(cache.every > 1 for cache in caches) or (caches and layer.states):
        return None
    if layer.states:
        sizes = (-(-state.elements // tensor_parallel) * (state.bytes_each or state_bytes) for state in layer.states)
        return "state", sum(sizes), None
    if not caches:
        return "", 0, None
    size = sum(_width(layer, cache, tensor_parallel, paging) for cache in caches)
    windows = {cache.window for cache in caches} if paging.windows else {None}
    if len(windows) > 1:
        return None
    window = windows.pop()
    return caches[0].kind if window else "full", round(size * bits), window


def _width(layer: Layer, cache: Cache, tensor_parallel: int, paging: Paging) -> float:
    """Elements of one token in `cache` on one rank."""
    if cache.kind == "latent" and not paging.latent:
        return 2 * PADDED_HEAD * max(1, layer.query_heads // tensor_parallel)
    if paging.spread:
        return cache.heads * cache.width / tensor_parallel
    return rank_heads(cache, tensor_parallel) * cache.width


def _equal_pages(groups: list[Group], paging: Paging) -> list[Group] | None:
    """`groups` with pages of one size, as one pool wants them: smaller pages take more tokens; None if they cannot.

    The pages of attention are made to hold those of states, which are padded (vllm/platforms/interface.py).
    """
    if not several(groups):
        return groups
    states = max((group.page for group in groups if not group.block), default=0)
    attention = [group for group in groups if group.block]
    if not attention:
        return [group._replace(page=states) for group in groups]
    if states:
        each = max(group.page // group.block for group in attention)
        step = max(16, paging.block) if paging.states else CHUNK
        size = step * -(-states // (step * each)) if each else step
        attention = [
            g._replace(block=max(g.block, size), page=g.page // g.block * max(g.block, size)) for g in attention
        ]
    largest = max(group.page for group in attention)
    if any(largest % group.page for group in attention):
        return None
    attention = [g._replace(block=g.block * (largest // g.page), page=largest) for g in attention]
    every = 0 if paging.states else max(group.block for group in attention)
    return [*attention, *(group._replace(page=largest, block=every) for group in groups if not group.block)]


def several(groups: Sequence[Group]) -> bool:
    """Whether the kinds differ in how many pages a sequence takes: else they form one group of unequal layers."""
    return len({(group.kind, group.window, group.block) for group in groups}) > 1
