"""Services of Compose that run on the same device: their shares of its memory, added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.workload import Problem, Workload

if TYPE_CHECKING:
    from planner.source.document import Path

ENGINE = "vllm"
"""The engine whose share is of the whole device, and taken at start."""


class Placed(NamedTuple):
    """A service, and the devices that it names by their index."""

    workload: Workload
    devices: frozenset[str]
    path: Path
    """Where they stand."""
    profiles: frozenset[str]
    """Without any it always runs."""


def problems(services: Sequence[Placed]) -> Mapping[int, tuple[Problem, ...]]:
    """What is wrong, by the index of the last by its name of the services that share an oversubscribed device."""
    found: dict[int, tuple[Problem, ...]] = {}
    for device in sorted(set().union(*(each.devices for each in services)) if services else ()):
        sharing = [
            (index, each, share)
            for index, each in sorted(enumerate(services), key=lambda item: item[1].workload.name)
            if device in each.devices and (share := _share(each.workload)) is not None
        ]
        total = sum(share for _, _, share in sharing)
        if len(sharing) < 2 or total <= 1.0 + 1e-9 or not _together([each for _, each, _ in sharing]):
            continue
        last, placed, _ = sharing[-1]
        shares = " + ".join(f"{share:.2f} ({each.workload.name})" for _, each, share in sharing)
        message = f"{len(sharing)} services share device {device}, and reserve {total:.0%} of its memory: {shares}"
        help = "lower --gpu-memory-utilization until they add up to less than 1, or move one to another device"
        related = tuple((each.path, f"{each.workload.name}: {share:.2f}") for _, each, share in sharing[:-1])
        found[last] = (*found.get(last, ()), Problem("PAR012", message, placed.path, help=help, related=related))
    return found


def _share(workload: Workload) -> float | None:
    """The share of a device that a service takes; None where its engine does not reserve one."""
    serving = workload.serving
    if serving is None or serving.engine is None or serving.engine.name != ENGINE:
        return None
    if serving.memory_utilization is not None:
        return serving.memory_utilization
    if "kv_cache_memory_bytes" in serving.engine_args:
        return None
    from planner.catalog.engines import default

    found = default(ENGINE, serving.engine.version, "gpu_memory_utilization")
    return float(found[0]) if found is not None and isinstance(found[0], (int, float)) else None


def _together(services: Sequence[Placed]) -> bool:
    """Whether all may run at once: one profile starts them, or none is needed."""
    named = [each.profiles for each in services if each.profiles]
    return not named or bool(frozenset.intersection(*named))
