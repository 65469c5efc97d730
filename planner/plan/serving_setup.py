"""A deployment as its engine sees it: what a demand is worked out from, and what of that it went by."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from planner.memo import by_identity
from planner.memory import engines
from planner.memory.engines import Setup, Shape
from planner.plan.serving_cache import activation_bytes

if TYPE_CHECKING:
    from planner.model.quantization import Scheme
    from planner.model.stack import Architecture
    from planner.plan.serving_case import Case
    from planner.workload import Hardware

_NOWHERE = Setup(None, None, None, 1, 2, 1, 1, None, None, None, {})
"""On a device of which nothing is known."""


def setup(case: Case, weights: int | None) -> Setup:
    """How the engine of `case` is run with so many bytes of weights on a device, of which nothing is known."""
    model = case.model
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
        weights_bytes=weights,
    )


def runs_alike(case: Case, other: Case) -> bool:
    """Whether their setups agree in all but device, context, concurrency, and the form of the weights."""
    return (
        case.model.architecture is other.model.architecture
        and activation_bytes(case.model) == activation_bytes(other.model)
        and case.engine == other.engine
        and case.version == other.version
        and case.tensor_parallel == other.tensor_parallel
        and case.pipeline_parallel == other.pipeline_parallel
        and case.utilization == other.utilization
        and case.options == other.options
    )


class Watched(Setup):
    """A setup that remembers whether it was asked for what it knows of sequences, and of the form of the weights."""

    _fields = Setup._fields
    by_sequence = by_form = False

    @property
    def context(self) -> int | None:
        self.by_sequence = True
        return super().context

    @property
    def concurrency(self) -> int:
        self.by_sequence = True
        return super().concurrency

    @property
    def dtype(self) -> str:
        self.by_form = True
        return super().dtype

    @property
    def scheme(self) -> Scheme | None:
        self.by_form = True
        return super().scheme

    @property
    def rotary_elements(self) -> int:
        self.by_form = True
        return super().rotary_elements

    @property
    def weights_bytes(self) -> int | None:
        self.by_form = True
        return super().weights_bytes


def on_a_device(setup: Setup, hardware: Hardware | None, context: int | None, concurrency: int) -> Watched:
    """`setup` on `hardware`, for so many sequences of so many tokens."""
    stated = setup._replace(context=context, concurrency=concurrency, **_seen(hardware))
    return tuple.__new__(Watched, stated)


@by_identity
def device_kind(
    hardware: Hardware | None, engine: str | None, version: tuple[int, ...] | None, tensor_parallel: int
) -> Hashable:
    """What `engine` goes by of a device, one of so many."""
    setup = _NOWHERE._replace(version=version, tensor_parallel=tensor_parallel, **_seen(hardware))
    return engines.device_kind(engine, setup)


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
