"""dstack's services and tasks: commands that start an engine, and the GPUs that they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, resolve, serving
from planner.record import NamedTuple
from planner.workload import Hardware

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import Workload

VENDORS = frozenset({"nvidia", "amd", "google", "intel", "tenstorrent"})
_SIZE = r"(?:\d+(?:\.\d+)?)?(?:GB)?"
MOST_NAMES = 64
"""Devices of which any will do; a list of more is no such list."""
TYPES = frozenset({"service", "task", "dev-environment"})


class Request(NamedTuple):
    """GPUs as dstack asks for them: names of which any will do, a range of memory, the least number."""

    names: tuple[str, ...] = ()
    memory: tuple[str, str] | None = None
    """Least and most; the most is empty where there is no upper end."""
    number: int | None = None


def recognise(document: Document) -> bool:
    """Whether it is a run configuration whose commands start an engine that is known."""
    data = document.data
    if not isinstance(data, dict) or str(data.get("type")) not in TYPES:
        return False
    return ("commands" in data or "image" in data) and "resources" in data and _launch(data) is not None


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one deployment that it is."""
    data = document.data
    launch = _launch(data)
    if launch is None:
        return
    name = data.get("name")
    place = serving.Place(document, context, "dstack")
    yield devices.deployment(launch, place, _devices(data["resources"]), name if isinstance(name, str) else None)


def _devices(resources: object) -> devices.Devices:
    """The GPUs of `resources`, one where only their kind is stated."""
    stated = resources.get("gpu") if isinstance(resources, dict) else None
    if stated is None:
        return devices.NONE
    request = _request(stated)
    number = request.number or 1
    least, most = request.memory or (None, None)
    choices = [resolve.hardware(name, least if least == most else None, None, number)[0] for name in request.names]
    found = [each for each in choices if each is not None]
    if not found:
        sizes = [units.memory(least), units.memory(most)]
        low, high = sizes if least and most else (None, None)
        found = [Hardware(None, number, low[0] if low else None, high[1] if high else None)]
    return devices.Devices(devices.either(found), ("resources", "gpu"))


def _request(stated: object) -> Request:
    """`24GB`, `H100:80GB:8`, `A100,H100:2`, `80GB..:4`, 2, or the same as a mapping."""
    if isinstance(stated, dict):
        names, count = stated.get("name"), _range(stated.get("count"))
        several = names[:MOST_NAMES] if isinstance(names, list) else [names]
        found = tuple(name for name in several if isinstance(name, str))
        return Request(found, _range(stated.get("memory")), units.count(count[0]) if count else None)
    request = Request()
    for part in str(stated).split(":") if isinstance(stated, (str, int)) else ():
        if re.fullmatch(rf"{_SIZE}(?:\.\.{_SIZE})?", part, re.IGNORECASE) and "GB" in part.upper():
            request = request._replace(memory=_range(part))
        elif re.fullmatch(r"\d+(?:\.\.\d*)?", part):
            request = request._replace(number=units.count(part.partition("..")[0]))
        elif part and part.lower() not in VENDORS:
            names = [name.strip() for name in part.split(",")]
            request = request._replace(names=tuple(names) if len(names) <= MOST_NAMES else (part,))
    return request


def _range(value: object) -> tuple[str, str] | None:
    """The ends of a range: 24GB..80GB, 24GB.., {min: 24GB}, or one value."""
    if isinstance(value, dict):
        return str(value.get("min") or ""), str(value.get("max") or "")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    least, dots, most = str(value).partition("..")
    return least, most if dots else least


def _launch(data: Mapping[str, object]) -> flags.Launch | None:
    """The engine that the commands, or else the image, start."""
    commands = data.get("commands")
    lines = [line for line in commands if isinstance(line, str)] if isinstance(commands, list) else []
    image = data.get("image")
    line = [flags.Word("\n".join(lines), ("commands",))] if lines else []
    environment = _environment(data)
    resources = data.get("resources")
    request = _request(resources.get("gpu")) if isinstance(resources, dict) else Request()
    for name in ("DSTACK_GPUS_NUM", "DSTACK_GPUS_PER_NODE"):
        environment.setdefault(name, flags.Variable(str(request.number or 1)))
    return flags.find(line, environment, image if isinstance(image, str) else None, ("image",))


def _environment(data: Mapping[str, object]) -> dict[str, flags.Variable]:
    stated = data.get("env")
    found: dict[str, flags.Variable] = {}
    if isinstance(stated, dict):
        return {
            name: flags.Variable(None if value is None else str(value), ("env", name)) for name, value in stated.items()
        }
    for index, entry in enumerate(stated if isinstance(stated, list) else ()):
        name, equals, value = str(entry).partition("=")
        found[name] = flags.Variable(value if equals else None, ("env", index))
    return found
