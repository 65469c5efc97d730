"""What of a deployment rests on the model, the engine and the devices' number alone: worked out once for any of a kind.

A replica on another kind of device, with another context or more sequences, has the same weights per device, loads
the same tables and copies, and lays its cache out the same way.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from planner.memory.engines import Demand, Setup, Shape, demand, loaded_bytes
from planner.plan.serving_cache import Held, Sequence, activation_bytes, held, sequence
from planner.plan.types import DeviceMemory
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


class Layout:
    """A replica of a model under an engine; hardware, context and concurrency of its `Case` are free."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._held: dict[Paging | None, Held | None] = {}
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
        setup = _watched(self._setup, case)
        needs = demand(case.engine, setup)
        if needs.paging not in self._held:
            self._held[needs.paging] = held(self._case, needs.paging)
        cache = self._held[needs.paging]
        return Room(needs, self._device(case.hardware, needs, cache), cache, setup.asked)

    def sequence(self, room: Room, context: int | None) -> Sequence:
        """What one sequence of `context` tokens takes in `room`, which is of this layout."""
        key = id(room.held), context
        found = self._sequences.get(key)
        if found is None:
            found = self._sequences[key] = sequence(room.held, context)
        return found

    @cached_property
    def _setup(self) -> Setup:
        """How the engine is run, on a device of which nothing is known."""
        case, model = self._case, self._case.model
        return Setup(
            version=case.version,
            shape=_shape(model.architecture) if model.architecture else None,
            context=case.context,
            concurrency=case.concurrency,
            dtype_bytes=activation_bytes(model),
            tensor_parallel=case.tensor_parallel,
            pipeline_parallel=case.pipeline_parallel,
            device_bytes=None,
            device_name=None,
            utilization=case.utilization,
            options=case.options,
            architecture=model.architecture,
            dtype=model.dtype or "bfloat16",
            scheme=model.scheme,
            rotary_elements=model.rotary_elements,
            weights_bytes=self.weights[0] if self.weights else None,
        )

    def _device(self, hardware: Hardware | None, demand: Demand, held: Held | None) -> DeviceMemory:
        usable = hardware.memory if hardware else None
        usable_max = hardware.memory_max if hardware else None
        share = 1.0 if demand.cache_bytes is not None or demand.cache_blocks is not None else demand.share
        budget = int(usable * share) if usable is not None else None
        weights = self.weights
        loaded = max(0, weights[0] + self.loaded - demand.offload) if weights else None
        found = DeviceMemory(
            usable,
            usable_max,
            budget,
            int(usable_max * share) if usable_max is not None else None,
            loaded,
            max(0, weights[1] - demand.offload) if weights else None,
            None,
            demand.activation,
            demand.runtime,
            demand.graph,
            None,
            demand.beyond,
        )
        return _with_room(found, demand, _told(demand, held))


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


def _watched(setup: Setup, case: Case) -> _Watched:
    """`setup` with the sequences and on the devices of `case`."""
    hardware = case.hardware
    row = hardware.row if hardware and hardware.row else {}
    link, capability, vendor = row.get("link"), row.get("compute_capability"), row.get("vendor")
    found = setup._replace(
        context=case.context,
        concurrency=case.concurrency,
        device_bytes=hardware.memory if hardware else None,
        device_name=hardware.name if hardware else None,
        link=link if isinstance(link, str) else None,
        compute_capability=(capability[0], capability[1]) if isinstance(capability, (list, tuple)) else None,
        vendor=vendor if isinstance(vendor, str) else None,
    )
    return tuple.__new__(_Watched, found)


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


def _with_room(device: DeviceMemory, demand: Demand, told: int | None) -> DeviceMemory:
    """`device` with the bytes of the cache: what the engine is told, at most what the rest leaves."""
    left = device.left
    if left is not None and left > 0 and told is None:
        left = int(left * demand.cache_share)
    if told is None or (left is not None and left <= told):
        return device._replace(kv_available=left)
    return device._replace(kv_available=told, kv_told=True)


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
