"""What of a deployment rests on the model, the engine and the devices' number alone: worked out once for any of a kind.

A replica on another kind of device, with another context or more sequences, has the same weights per device, loads
the same tables and copies, and lays its cache out the same way.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planner.memo import by_identity
from planner.memory.engines import Demand, Setup, Shape, demand, device_kind, loaded_bytes
from planner.plan.serving_cache import Held, Sequence, activation_bytes, held, sequence
from planner.plan.types import DeviceMemory, left_of
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.memory.pages import Paging
    from planner.model.stack import Architecture
    from planner.plan.serving_case import Case
    from planner.workload import Hardware


class Room(NamedTuple):
    """One device, before any sequence comes."""

    demand: Demand
    device: DeviceMemory
    held: Held | None
    by_sequence: bool
    """Whether context or concurrency had a say in it."""


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

    def __init__(self, case: Case) -> None:
        self._case = case
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
        kind = _kind(hardware, self._case.engine, self._case.version, self._case.tensor_parallel)
        taken = self._taken.get(kind) or self._taken.get((kind, context, concurrency))
        if taken is None:
            taken = self._take(hardware, context, concurrency)
            self._taken[(kind, context, concurrency) if taken.by_sequence else kind] = taken
        return Room(taken.demand, _device(hardware, taken), taken.held, taken.by_sequence)

    def sequence(self, room: Room, context: int | None) -> Sequence:
        """What one sequence of `context` tokens takes in `room`, which is of this layout."""
        key = id(room.held), context
        found = self._sequences.get(key)
        if found is None:
            found = self._sequences[key] = sequence(room.held, context)
        return found

    def _take(self, hardware: Hardware | None, context: int | None, concurrency: int) -> _Taken:
        setup = _watched(self._setup._replace(context=context, concurrency=concurrency, **_seen(hardware)))
        needs = demand(self._case.engine, setup)
        if needs.paging not in self._held:
            self._held[needs.paging] = held(self._case, needs.paging)
        cache, weights = self._held[needs.paging], self.weights
        return _Taken(
            needs,
            cache,
            setup.asked,
            1.0 if needs.cache_bytes is not None or needs.cache_blocks is not None else needs.share,
            max(0, weights[0] + self.loaded - needs.offload) if weights else None,
            max(0, weights[1] - needs.offload) if weights else None,
            _told(needs, cache),
        )

    @cached_property
    def _setup(self) -> Setup:
        """How the engine is run, on a device of which nothing is known."""
        case, model = self._case, self._case.model
        return _NOWHERE._replace(
            version=case.version,
            shape=_shape(model.architecture) if model.architecture else None,
            context=case.context,
            concurrency=case.concurrency,
            dtype_bytes=activation_bytes(model),
            tensor_parallel=case.tensor_parallel,
            pipeline_parallel=case.pipeline_parallel,
            utilization=case.utilization,
            options=case.options,
            architecture=model.architecture,
            dtype=model.dtype or "bfloat16",
            scheme=model.scheme,
            rotary_elements=model.rotary_elements,
            weights_bytes=self.weights[0] if self.weights else None,
        )


_NOWHERE = Setup(None, None, None, 1, 2, 1, 1, None, None, None, {})
"""On a device of which nothing is known."""


class _Watched(Setup):
    """A setup that remembers whether it was asked for what it knows of sequences."""

    _fields = Setup._fields
    asked = False

    @property
    def context(self) -> int | None:
        self.asked = True
        return super().context

    @property
    def concurrency(self) -> int:
        self.asked = True
        return super().concurrency


def _watched(setup: Setup) -> _Watched:
    return tuple.__new__(_Watched, setup)


@by_identity
def _kind(
    hardware: Hardware | None, engine: str | None, version: tuple[int, ...] | None, tensor_parallel: int
) -> Hashable:
    """What `engine` goes by of a device, one of so many."""
    return device_kind(engine, _NOWHERE._replace(version=version, tensor_parallel=tensor_parallel, **_seen(hardware)))


@by_identity
def _seen(hardware: Hardware | None) -> dict[str, Any]:
    """What an engine can see of a device, as fields of its setup."""
    row = hardware.row if hardware and hardware.row else {}
    link, capability, vendor = row.get("link"), row.get("compute_capability"), row.get("vendor")
    return {
        "device_bytes": hardware.memory if hardware else None,
        "device_name": hardware.name if hardware else None,
        "link": link if isinstance(link, str) else None,
        "compute_capability": (capability[0], capability[1]) if isinstance(capability, (list, tuple)) else None,
        "vendor": vendor if isinstance(vendor, str) else None,
    }


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


@by_identity
def _shape(architecture: Architecture) -> Shape:
    experts = [layer for layer in architecture.layers if layer.experts]
    dense = [layer.ffn_width for layer in architecture.layers if not layer.experts]
    return Shape(
        architecture.hidden_size,
        architecture.vocab_size,
        max(dense, default=0),
        experts[0].ffn_width if experts else 0,
        experts[0].experts_per_token if experts else 0,
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
