"""Docker Compose: every service that starts an engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import compose_sharing, flags, serving, unread
from planner.formats.compose_environment import Settings, variables
from planner.formats.values import below
from planner.record import NamedTuple
from planner.workload import Hardware, Origin

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.flags import Environment, Launch, Word
    from planner.source.document import Document, Path
    from planner.workload import NotChecked, Workload

MEND = "set it in `.env` beside this file, or give a default: `${NAME:-value}`"


class Service(NamedTuple):
    """A service and its name."""

    name: str
    values: Mapping[str, object]

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ("services", self.name)


def recognise(document: Document) -> bool:
    """Whether one of its services starts an engine."""
    launches = ((service, _launch(service, Settings(), {})) for service in _services(document))
    return any(
        not _is_built(service, launch) if launch is not None else _unread(service, Settings()) is not None
        for service, launch in launches
    )


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One deployment for each service that starts an engine."""
    settings = Settings.beside(document, context)
    place = serving.Place(document, context, "compose", MEND)
    found = [each for service in _services(document) if (each := _deployment(service, settings, place)) is not None]
    wrong = compose_sharing.problems(found) if len(found) > 1 else {}
    for index, each in enumerate(found):
        yield each.workload._replace(problems=wrong.get(index, ()))


def _deployment(service: Service, settings: Settings, place: serving.Place) -> compose_sharing.Placed | None:
    """What a service runs, and where."""
    seen = variables(service.values, service.path, settings)
    launch = _launch(service, settings, seen)
    missing = _unread(service, settings) if launch is None else None
    if missing is not None:
        unchecked = unread.workload(missing, service.name, place, service.path)
        return compose_sharing.Placed(unchecked, frozenset(), service.path, frozenset())
    if launch is None or _is_built(service, launch):
        return None
    named, count, path = _devices(service, settings, seen)
    outcome = serving.from_launch(launch, Hardware(count=count) if count else None, place)
    if count:
        stated = Origin("key", path)
        outcome.origins.setdefault("deployment.hardware", stated)
        outcome.origins["deployment.hardware.count"] = stated
    profiles = service.values.get("profiles")
    return compose_sharing.Placed(
        serving.workload(service.name, outcome, place),
        named,
        path,
        frozenset(str(each) for each in profiles) if isinstance(profiles, list) else frozenset(),
    )


def _services(document: Document) -> Iterator[Service]:
    found = document.data.get("services") if isinstance(document.data, dict) else None
    for name, values in found.items() if isinstance(found, dict) else ():
        if isinstance(values, dict):
            yield Service(name, values)


def _line(service: Service, settings: Settings) -> list[Word]:
    return [word for key in ("entrypoint", "command") for word in _words(service, key, settings)]


def _unread(service: Service, settings: Settings) -> NotChecked | None:
    """Why a service of language models is not checked; none that only says how its image is built."""
    if "build" in service.values:
        return None
    return unread.found(_line(service, settings), service.values.get("image"))


def _launch(service: Service, settings: Settings, seen: Environment) -> Launch | None:
    line = _line(service, settings)
    image = service.values.get("image")
    return flags.find(line, seen, settings.filled(image) if isinstance(image, str) else None, service.path)


def _is_built(service: Service, launch: Launch) -> bool:
    """Whether the service only says how an image is built: nothing is asked of the engine."""
    return "build" in service.values and not launch.options


def _words(service: Service, key: str, settings: Settings) -> list[Word]:
    """Compose fills its own variables in before a string is split, the container's come after that."""
    value = service.values.get(key)
    if isinstance(value, list):
        value = [settings.filled(item) if isinstance(item, str) else item for item in value]
    return flags.words(settings.filled(value) if isinstance(value, str) else value, (*service.path, key))


def _devices(service: Service, settings: Settings, seen: Environment) -> tuple[frozenset[str], int | None, Path]:
    """(the devices by index, how many, where that stands); None where all of a machine are, or it is not said."""
    reserved = below(service.values, "deploy", "resources", "reservations").get("devices")
    root: Path = (*service.path, "deploy", "resources", "reservations", "devices")
    for listed, path in ((reserved, root), (service.values.get("gpus"), (*service.path, "gpus"))):
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            for key in ("device_ids", "count") if isinstance(item, dict) else ():
                named, count = _count(item.get(key), settings)
                if count:
                    return named, count, (*path, index, key)
    visible = seen.get("CUDA_VISIBLE_DEVICES") or seen.get("NVIDIA_VISIBLE_DEVICES")
    ids = [part.strip() for part in visible.value.split(",")] if visible and visible.value else []
    if visible and visible.path and ids and all(part.isdigit() for part in ids):
        return frozenset(ids), len(ids), visible.path
    return frozenset(), None, ()


def _count(value: object, settings: Settings) -> tuple[frozenset[str], int | None]:
    """(the devices by index, how many) of `device_ids` or `count`."""
    if isinstance(value, list):
        ids = [settings.filled(item) if isinstance(item, str) else str(item) for item in value]
        known = bool(ids) and all(isinstance(item, (int, str)) for item in value) and all(map(_is_one, ids))
        return (frozenset(ids), len(ids)) if known else (frozenset(), None)
    found = units.count(settings.filled(value) if isinstance(value, str) else value)
    return frozenset(), found if found and found < 10_000 else None


def _is_one(device: str) -> bool:
    """Whether it names one device: not all, no list, no variable that may hold one."""
    return device != "all" and not any(sign in device for sign in "$,")
