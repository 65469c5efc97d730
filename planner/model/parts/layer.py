"""A layer put together: a mixer, a feed-forward network and the norms around them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import TypeVar

from planner.memo import MOST
from planner.model.stack import Cache, Layer, State, Tensor
from planner.record import NamedTuple

Kind = TypeVar("Kind", bound=Hashable)


class Mixer(NamedTuple):
    """What mixes tokens: attention or a recurrence."""

    kind: str
    """As `Layer.mixer`."""
    tensors: tuple[Tensor, ...]
    caches: tuple[Cache, ...] = ()
    states: tuple[State, ...] = ()
    query_heads: int = 0
    head_dim: int = 0
    kv_heads: int = 0


class FeedForward(NamedTuple):
    """What transforms each token: dense or a mixture of experts."""

    kind: str
    """As `Layer.ffn`."""
    tensors: tuple[Tensor, ...]
    width: int = 0
    experts: int = 0
    experts_per_token: int = 0
    shared_width: int = 0


NO_MIXER = Mixer("none", ())
NO_FFN = FeedForward("none", ())


@lru_cache(maxsize=MOST)
def layer(mixer: Mixer, ffn: FeedForward = NO_FFN, norms: tuple[Tensor, ...] = ()) -> Layer:
    """One layer of `mixer`, `ffn` and `norms`: one object in all models that have it, so that its sums are kept."""
    return Layer(
        mixer=mixer.kind,
        ffn=ffn.kind,
        tensors=(*mixer.tensors, *ffn.tensors, *norms),
        caches=mixer.caches,
        states=mixer.states,
        query_heads=mixer.query_heads,
        head_dim=mixer.head_dim,
        kv_heads=mixer.kv_heads,
        ffn_width=ffn.width,
        experts=ffn.experts,
        experts_per_token=ffn.experts_per_token,
        shared_width=ffn.shared_width,
    )


def stack(kinds: Sequence[Kind], build: Callable[[Kind], Layer]) -> tuple[Layer, ...]:
    """One layer for each of `kinds`; layers of one kind are one shared object."""
    built = {kind: build(kind) for kind in dict.fromkeys(kinds)}
    return tuple(built[kind] for kind in kinds)
