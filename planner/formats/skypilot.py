"""SkyPilot's tasks: accelerators of which any will do, and a script that starts an engine on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.resolve import split_count
from planner.formats.values import word
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

RESOURCES = frozenset({"accelerators", "any_of", "ordered", "instance_type"})
KEYS = frozenset({
    "name", "resources", "envs", "secrets", "setup", "run", "workdir", "num_nodes", "file_mounts", "service", "config",
    "volumes", "experimental", "event_callback", "pool", "inputs", "outputs", "_metadata",
})  # fmt: skip
"""Of a task."""


class Choice(NamedTuple):
    """One of the accelerators that a task takes."""

    name: str | None
    number: int
    path: Path
    instance: str | None = None


def recognise(document: Document) -> bool:
    """Whether it is a task that asks for accelerators and starts an engine that is known."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("run"), str) or not data.keys() <= KEYS:
        return False
    resources = data.get("resources")
    return isinstance(resources, dict) and not RESOURCES.isdisjoint(resources) and _launch(data, 1) is not None


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One deployment for each of the accelerators that would do."""
    choices = list(_choices(document.data["resources"], ("resources",)))
    seen = set[tuple[str | None, int]]()
    for choice in choices or [Choice(None, 1, ("resources",))]:
        if (choice.name, choice.number) in seen:
            continue
        seen.add((choice.name, choice.number))
        yield _deployment(document, choice, len(choices), context)


def _choices(resources: Mapping[str, object], path: Path) -> Iterator[Choice]:
    for key in ("any_of", "ordered"):
        several = resources.get(key)
        for index, each in enumerate(several if isinstance(several, list) else ()):
            if isinstance(each, dict):
                yield from _choices({**_accelerators(resources), **each}, (*path, key, index))
        if isinstance(several, list):
            return
    stated = resources.get("accelerators")
    place = (*path, "accelerators")
    if isinstance(stated, str):
        yield _choice(stated, None, place)
    elif isinstance(stated, list):
        for index, each in enumerate(stated):
            if isinstance(each, str):
                yield _choice(each, None, (*place, index))
    elif isinstance(stated, dict):
        for name, count in stated.items():
            yield _choice(name, count, (*place, name))
    elif isinstance(resources.get("instance_type"), str):
        yield Choice(None, 1, (*path, "instance_type"), str(resources["instance_type"]))


def _accelerators(resources: Mapping[str, object]) -> Mapping[str, object]:
    """What alternatives have in common."""
    return {key: resources[key] for key in ("accelerators", "instance_type") if key in resources}


def _choice(stated: str, count: object, path: Path) -> Choice:
    """`H100:8`; in a flow mapping `{H100:8}`, too, which YAML takes for a key without a value."""
    name, written = split_count(stated)
    return Choice(name, units.count(count) or written or 1, path)


def _launch(data: Mapping[str, object], count: int) -> flags.Launch | None:
    """The engine that the script starts on `count` accelerators per node."""
    nodes = units.count(data.get("num_nodes")) or 1
    environment = {
        "SKYPILOT_NUM_GPUS_PER_NODE": flags.Variable(str(count)),
        "SKYPILOT_NUM_NODES": flags.Variable(str(nodes)),
    }
    for section in ("envs", "secrets"):
        stated = data.get(section)
        for name, value in stated.items() if isinstance(stated, dict) else ():
            text = None if value is None or isinstance(value, (dict, list)) else word(value)
            environment[name] = flags.Variable(text, (section, name))
    return flags.find([flags.Word(str(data["run"]), ("run",))], environment, path=("run",))


def _deployment(document: Document, choice: Choice, alternatives: int, context: Context) -> Workload:
    nodes = units.count(document.data.get("num_nodes")) or 1
    launch = _launch(document.data, choice.number) or flags.Launch(flags.ENGINES["vllm"], {}, ("run",))
    note = f"one of {alternatives} alternatives" if alternatives > 1 else ""
    place = serving.Place(document, context, "skypilot")
    return devices.deployment(launch, place, _devices(choice, nodes, note), _name(document, choice, alternatives))


def _devices(choice: Choice, nodes: int, note: str) -> devices.Devices:
    if choice.instance:
        return devices.devices(choice.path, instance=choice.instance, count=nodes, note=note)
    if choice.name is None:
        return devices.NONE
    return devices.devices(choice.path, choice.name, choice.number * nodes, note=note)


def _name(document: Document, choice: Choice, alternatives: int) -> str | None:
    stated = document.data.get("name")
    if alternatives < 2:
        return stated if isinstance(stated, str) else None
    return f"{stated or 'task'} on {choice.number} × {choice.name or choice.instance}"


def asked(document: Document) -> devices.Devices:
    """The accelerators of a task, whatever it runs; of several that would do, what they have in common."""
    data = document.data
    resources = data.get("resources") if isinstance(data, dict) else None
    if not isinstance(resources, dict):
        return devices.NONE
    nodes = units.count(data.get("num_nodes")) or 1
    found = [_devices(choice, nodes, "") for choice in _choices(resources, ("resources",))]
    known = [each.hardware for each in found if each.hardware is not None]
    if not known or len(known) < len(found):
        return devices.NONE
    note = f"any of {len(known)}" if len(known) > 1 else ""
    return devices.Devices(devices.either(known), found[0].path, note)
