"""A log and a plan, part by part: what one says, what the other says, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.verify.measured import Measured

if TYPE_CHECKING:
    from planner.plan.types import DeviceMemory, Plan, ServingPlan, TrainingMemory


BUFFERS = frozenset(("llama.cpp", "ollama"))
"""Kinds that allocate buffers of a size computed beforehand, and do not count what is beside them."""
PRINTED = frozenset(("weights", "activation", "non_torch", "cache", "cache_room", "cache_tokens"))
"""Figures whose absence from a log is worth a word."""
TOGETHER = {"activation": "headroom", "non_torch": "consumed"}
"""Figures, and those in which a log may tell them together with others."""
HARDWARE = "deployment.hardware"
SAME_ROOM = "in_room"


class Part(NamedTuple):
    """One figure, said twice."""

    name: str
    field: str
    """Of `Measured`."""
    unit: str
    """bytes, tokens or requests."""
    log: int | float | None
    planner: int | float | None
    at_least: bool = False
    """The log gives a lower bound only."""

    @property
    def difference(self) -> int | float | None:
        """Planner's figure less the log's; 0 where a lower bound is kept."""
        if self.log is None or self.planner is None:
            return None
        found = self.planner - self.log
        return min(found, 0) if self.at_least else found

    @property
    def error(self) -> float | None:
        """The difference as a share of the log's figure."""
        found = self.difference
        return found / abs(self.log) if found is not None and self.log else None


class Comparison(NamedTuple):
    """All that came of a log and a plan."""

    measured: Measured
    file: str
    """The log."""
    plan: Plan | None
    from_config: bool
    """Whether the plan is a config's rather than the log's own."""
    parts: tuple[Part, ...]
    fits: bool | None
    """What planner says of the start-up or the run."""
    not_compared: tuple[tuple[str, str], ...]
    """(what, why)"""
    taken: tuple[str, ...] = ()
    """What the config leaves open and the log says."""
    doubts: tuple[str, ...] = ()
    """Where the config is not what ran."""

    @property
    def agrees(self) -> bool | None:
        """Whether both say the same of whether it runs."""
        if self.measured.started is None or self.fits is None:
            return None
        return self.measured.started == self.fits


def compare(measured: Measured, file: str, plan: Plan | None, from_config: bool = False) -> Comparison:
    """Put the log's figures beside the plan's."""
    serving, training = (plan.serving, plan.training) if plan else (None, None)
    if measured.kind == "pytorch":
        found = list(_training(measured, training.per_device if training else None))
        fits = training.fits if training else None
    else:
        found = list(_serving(measured, plan))
        fits = serving.fits if serving else None
    parts = tuple(
        part for part in found if part.log is not None and not (part.field == "total" and not part.difference)
    )
    missing = tuple(_missing(measured, plan, found))
    return Comparison(measured, file, plan, from_config, parts, fits, missing)


def _serving(measured: Measured, whole: Plan | None) -> Iterator[Part]:
    plan = whole.serving if whole else None
    device = plan.per_device if plan else None
    yield from _device(measured, device, whole.model.weights_bytes if whole and whole.model else None)
    if plan is None or plan.paged:
        yield Part("room for the KV cache", "cache_room", "bytes", measured.cache_room, device and device.kv_available)
        tokens = plan.kv_capacity_tokens if plan else None
        yield Part("tokens of the KV cache", "cache_tokens", "tokens", measured.cache_tokens, tokens)
        yield from _requests(measured, plan)
        yield from _in_the_same_room(measured, whole)
    if plan is None or not plan.paged:
        yield Part("KV cache", "cache", "bytes", measured.cache, device and device.kv_cache)


def _device(measured: Measured, device: DeviceMemory | None, whole: int | None) -> Iterator[Part]:
    """Parts of one device. CUDA graphs only where the engine counts them against its budget."""
    known = device and device.usable
    if known:
        yield Part("memory of the device", "total", "bytes", measured.total, known)
    yield Part("weights", "weights", "bytes", measured.weights, device and device.weights)
    yield Part("weights with those on the host", "weights_all", "bytes", measured.weights_all, whole)
    together = device.weights + device.runtime if device and device.weights and device.runtime is not None else None
    yield Part("weights and beside torch", "consumed", "bytes", measured.consumed, together)
    if measured.kind in BUFFERS:
        yield Part("compute buffer", "activation", "bytes", measured.activation, device and device.activation)
        return
    yield Part("activation peak", "activation", "bytes", measured.activation, (device and device.activation) or None)
    expected = device.activation + (device.graph or 0) if device and device.activation else None
    yield Part("activation peak and CUDA graphs", "headroom", "bytes", measured.headroom, expected)
    yield Part("beside torch", "non_torch", "bytes", measured.non_torch, device and device.runtime)
    yield Part("CUDA graphs", "graph", "bytes", measured.graph, (device and device.graph) or None)


def _requests(measured: Measured, plan: ServingPlan | None) -> Iterator[Part]:
    length = measured.concurrency_context
    same = plan is not None and plan.context == length
    asked = f" of {length:,} tokens" if length else ""
    count = plan.max_concurrency if plan and same else None
    yield Part(f"requests{asked}", "concurrency", "requests", measured.concurrency, count)
    yield Part(
        f"KV cache of a request{asked}",
        "request",
        "bytes",
        measured.request,
        plan.sequence_bytes if plan and same else None,
    )
    longest = plan.max_context_that_fits if plan and plan.concurrency == 1 else None
    yield Part("longest context that fits", "longest", "tokens", measured.longest, longest)


def _in_the_same_room(measured: Measured, plan: Plan | None) -> Iterator[Part]:
    """What planner would put into the cache that the log tells of: the layout alone, whatever led to that room."""
    room, stated = measured.cache_room, plan.workload.serving if plan else None
    if room is None or room <= 0 or plan is None or plan.model is None or stated is None:
        return
    from planner.plan.serving import case, longest_context, tokens_in

    deployment = case(stated, plan.model)
    tokens = tokens_in(deployment, room) if measured.cache_tokens is not None else None
    yield Part("tokens, in the log's room", SAME_ROOM, "tokens", measured.cache_tokens, tokens)
    longest = longest_context(deployment, room, 1) if measured.longest is not None else None
    yield Part("longest context, in the log's room", SAME_ROOM, "tokens", measured.longest, longest)


def _training(measured: Measured, device: TrainingMemory | None) -> Iterator[Part]:
    """PyTorch counts its own tensors; the process around them is planner's guess and not among these."""
    peak = device.peak - (device.runtime or 0) if device and device.peak is not None else None
    if device and device.usable:
        yield Part("memory of the device", "total", "bytes", measured.total, device.usable)
    yield Part("peak of PyTorch's tensors", "peak", "bytes", measured.peak, peak)
    yield Part("reserved by PyTorch", "reserved", "bytes", measured.reserved, peak)
    yield Part("peak of PyTorch's tensors", "refused", "bytes", measured.refused, peak, at_least=True)


def _missing(measured: Measured, plan: Plan | None, parts: list[Part]) -> Iterator[tuple[str, str]]:
    """What stands on one side only, and why."""
    if plan is None:
        yield "all of it", "the log does not say what was trained: give the run's CONFIG"
        return
    for item in plan.not_checked:
        if item.field != HARDWARE:
            yield item.what, f"{item.because}; {item.mend}" if item.mend else item.because
    told = {part.field for part in parts if part.log is not None}
    absent = [part for part in parts if part.log is None and part.planner is not None and part.field in PRINTED]
    silent = [part.name for part in absent if TOGETHER.get(part.field) not in told]
    if silent:
        yield ", ".join(silent), "the log does not print it"
    reasons: dict[str, list[str]] = {}
    for part in parts:
        if part.log is not None and part.planner is None:
            reasons.setdefault(_unsaid(measured, plan, part), []).append(part.name)
    yield from ((", ".join(names), why) for why, names in reasons.items())


def _unsaid(measured: Measured, plan: Plan, part: Part) -> str:
    """Why planner has no such figure."""
    if plan.model is None or plan.serving is None:
        return "the model or the deployment is not known"
    if part.field == "graph":
        return "the engine takes them beside its budget, so planner does not count them"
    if plan.serving.per_device.usable is None:
        return "the device is not known: the log does not print its memory; --hardware H100-80GB tells it"
    if part.field in ("concurrency", "request") and plan.serving.context != measured.concurrency_context:
        return f"the plan is for {plan.serving.context or 0:,} tokens a request"
    return "planner has no figure for it"
