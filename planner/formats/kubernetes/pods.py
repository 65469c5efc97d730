"""The containers of a manifest, with what stands around them in their pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats.values import word
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Path

DEEPEST = 24
"""Levels of an object; a pod in a list of jobs of workflows has about fifteen."""
PASSED_BY = frozenset({"initContainers", "ephemeralContainers", "status", "metadata"})


class Container(NamedTuple):
    """A container that a pod runs."""

    values: Mapping[str, object]
    path: Path
    pod: Mapping[str, object]
    """The specification of its pod."""
    pod_path: Path
    role: str
    """Its name, or that of the part of the object that it is."""
    nodes: int = 1
    """Pods that serve one model together."""
    around: Mapping[str, object] = {}
    """What the object says of the whole part (Dynamo keeps the devices there)."""
    around_path: Path = ()


def containers(data: Mapping[str, object]) -> Iterator[Container]:
    """Every container in an object, except those that only prepare a pod."""
    return _within(data, (), 1)


def _within(value: object, path: Path, nodes: int) -> Iterator[Container]:
    if len(path) > DEEPEST:
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _within(item, (*path, index), nodes)
    elif isinstance(value, dict):
        nodes *= _size(value)
        yield from _of_pod(value, path, nodes)
        yield from _of_part(value, path, nodes)
        for key, inner in value.items():
            if key not in PASSED_BY and isinstance(inner, (dict, list)):
                yield from _within(inner, (*path, key), nodes)


def _of_pod(pod: Mapping[str, object], path: Path, nodes: int) -> Iterator[Container]:
    listed = pod.get("containers")
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield Container(item, (*path, "containers", index), pod, path, word(item.get("name")) or str(index), nodes)


def _of_part(part: Mapping[str, object], path: Path, nodes: int) -> Iterator[Container]:
    """The main container of a service of a Dynamo graph."""
    pod = part.get("extraPodSpec")
    main = pod.get("mainContainer") if isinstance(pod, dict) else None
    if isinstance(pod, dict) and isinstance(main, dict):
        inside = (*path, "extraPodSpec")
        several = part.get("multinode")
        count = several.get("nodeCount") if isinstance(several, dict) else None
        nodes *= count if isinstance(count, int) and count > 0 else 1
        yield Container(main, (*inside, "mainContainer"), pod, inside, str(path[-1] if path else ""), nodes, part, path)


def _size(value: Mapping[str, object]) -> int:
    """Pods of a group that serves one model: of a LeaderWorkerSet, of a Ray cluster (head and workers), of a role."""
    if "headGroupSpec" in value:
        groups = value.get("workerGroupSpecs")
        return 1 + sum(_count(each, "replicas") for each in (groups if isinstance(groups, list) else ()))
    if "workerTemplate" in value or "leaderTemplate" in value:
        return _count(value, "size")
    return _count(value, "podGroupSize")


def _count(value: object, key: str) -> int:
    """A number of pods; 1 where it is not stated."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 10_000 else 1
