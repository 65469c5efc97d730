"""What of a deployment rests on the model, the engine and the devices' number alone: worked out once for any of a kind.

A replica on another kind of device, with another context or more sequences, has the same weights per device, loads
the same tables and copies, and lays its cache out the same way.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import TYPE_CHECKING

from planner.memory.engines import Demand, demand, loaded_bytes
from planner.plan.serving_cache import Held, Sequence, held, sequence
from planner.plan.serving_setup import Watched, device_kind, on_a_device, runs_alike, setup
from planner.plan.types import DeviceMemory, left_of
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.memory.engines import Setup
    from planner.memory.pages import Paging
    from planner.plan.serving_case import Case
    from planner.workload import Hardware


class Room(NamedTuple):
    """One device, before any sequence comes."""

    demand: Demand
    device: DeviceMemory
    held: Held | None
    by_sequence: bool
    """Whether context or concurrency had a say in it."""


class _Needs(NamedTuple):
    """What the engine takes of every device of a kind."""

    demand: Demand
    by_sequence: bool
    by_form: bool
    """Whether the form of the weights had a say in it."""


class _Taken(NamedTuple):
    """What is taken of every device of a kind, whatever its size."""

    demand: Demand
    held: Held | None
    by_sequence: bool
    share: float
    """Of the device, within which all of it must stay."""
    weights: int | None
    weights_low: int | None
    told: int | None
    """Bytes of the cache that the engine is told to take."""


class Layout:
    """A replica of a model under an engine; hardware, context and concurrency of its `Case` are free."""

    def __init__(self, case: Case, form: Layout | None = None) -> None:
        """`form`: the layout of another form of the model, where there is one, from which the engine's demand is taken
        as far as it is the same."""
        self._case = case
        self._needs: dict[Hashable, _Needs] = form._needs if form and runs_alike(case, form._case) else {}
        self._held: dict[Paging | None, Held | None] = {}
        self._taken: dict[Hashable, _Taken] = {}
        self._sequences: dict[tuple[int, int | None], Sequence] = {}

    @cached_property
    def weights(self) -> tuple[int, int] | None:
        """(Bytes on the fullest device as predicted, lower bound)."""
        return _weights_per_device(self._case)

    @cached_property
    def loaded(self) -> int:
        """Bytes per device that weights take beyond the checkpoint's tensors, with what drafts for them."""
        drafted = self._case.draft.weights if self._case.draft else 0
        return loaded_bytes(self._case.engine, self._setup) + drafted

    def room(self, case: Case) -> Room:
        """What is on each device of `case`, which has this layout."""
        return self.on(case.hardware, case.context, case.concurrency)

    def on(self, hardware: Hardware | None, context: int | None, concurrency: int) -> Room:
        """What is on each device where `concurrency` sequences of `context` tokens are to be held on `hardware`."""
        kind = device_kind(hardware, self._case.engine, self._case.version, self._case.tensor_parallel)
        taken = self._taken.get(kind) or self._taken.get((kind, context, concurrency))
        if taken is None:
            needs = self._needs.get(kind) or self._needs.get((kind, context, concurrency))
            if needs is None:
                needs = _needs(self._case.engine, on_a_device(self._setup, hardware, context, concurrency))
            key = (kind, context, concurrency) if needs.by_sequence else kind
            if not needs.by_form:
                self._needs[key] = needs
            taken = self._taken[key] = self._take(needs)
        return Room(taken.demand, _device(hardware, taken), taken.held, taken.by_sequence)

    def sequence(self, room: Room, context: int | None) -> Sequence:
        """What one sequence of `context` tokens takes in `room`, which is of this layout."""
        key = id(room.held), context
        found = self._sequences.get(key)
        if found is None:
            found = self._sequences[key] = sequence(room.held, context)
        return found

    def _take(self, asked: _Needs) -> _Taken:
        needs = asked.demand
        if needs.paging not in self._held:
            self._held[needs.paging] = held(self._case, needs.paging)
        cache, weights = self._held[needs.paging], self.weights
        return _Taken(
            needs,
            cache,
            asked.by_sequence,
            1.0 if needs.cache_bytes is not None or needs.cache_blocks is not None else needs.share,
            max(0, weights[0] + self.loaded - needs.offload) if weights else None,
            max(0, weights[1] - needs.offload) if weights else None,
            _told(needs, cache),
        )

    @cached_property
    def _setup(self) -> Setup:
        return setup(self._case, self.weights[0] if self.weights else None)


def _needs(engine: str | None, setup: Watched) -> _Needs:
    return _Needs(demand(engine, setup), setup.by_sequence, setup.by_form)


def _device(hardware: Hardware | None, taken: _Taken) -> DeviceMemory:
    """A device of so much memory, of which so much is taken; the rest is the cache's, unless that is told its size."""
    demand = taken.demand
    usable, usable_max = (hardware.memory, hardware.memory_max) if hardware else (None, None)
    budget = int(usable * taken.share) if usable is not None else None
    left = left_of(budget, taken.weights, demand.activation, demand.runtime, demand.graph)
    told = taken.told is not None and not (left is not None and left <= taken.told)
    if left is not None and left > 0 and taken.told is None:
        left = int(left * demand.cache_share)
    return DeviceMemory(
        usable,
        usable_max,
        budget,
        int(usable_max * taken.share) if usable_max is not None else None,
        taken.weights,
        taken.weights_low,
        None,
        demand.activation,
        demand.runtime,
        demand.graph,
        taken.told if told else left,
        demand.beyond,
        told,
    )


def _told(demand: Demand, held: Held | None) -> int | None:
    """Bytes of the cache that the engine is told to take, be it in blocks or tokens."""
    if held is None or held.pages is None:
        return demand.cache_bytes
    if demand.cache_blocks is not None:
        return held.pages.blocks_bytes(demand.cache_blocks)
    return demand.cache_bytes if demand.cache_tokens is None else held.pages.request_bytes(demand.cache_tokens)


def _weights_per_device(case: Case) -> tuple[int, int] | None:
    """(fullest device as predicted, lower bound)."""
    model, devices = case.model, case.devices
    if model.weights_bytes is None:
        return None
    elsewhere = _experts_elsewhere(case)
    low = max(0, -(-(model.weights_low or 0) // devices) - elsewhere)
    if devices == 1 or model.architecture is None or model.dtype is None:
        return max(0, -(-model.weights_bytes // devices) - elsewhere), low
    from planner.memory.weights import per_device

    fullest, _ = per_device(model.architecture, model.dtype, model.scheme, case.tensor_parallel, case.pipeline_parallel)
    return max(fullest - elsewhere, low), low


def _experts_elsewhere(case: Case) -> int:
    """Bytes of routed experts that a device leaves to other replicas."""
    model = case.model
    if case.expert_ways == 1 or model.architecture is None or model.dtype is None:
        return 0
    from planner.memory.weights import placed

    found = placed(model.architecture, model.dtype, model.scheme)
    experts = sum(each.size for each in found if each.tensor.kind == "expert")
    return experts * (case.expert_ways - 1) // (case.devices * case.expert_ways)
