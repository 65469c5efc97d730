"""The hardware that somebody's file states, and the deployment of a launch on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.formats import resolve, serving
from planner.formats.flags.options import Option, option
from planner.formats.values import word
from planner.record import NamedTuple
from planner.workload import Hardware, NotChecked, Origin, Problem, Workload

if TYPE_CHECKING:
    from planner.formats.flags import Environment, Launch
    from planner.formats.kubernetes.pods import Container
    from planner.source.document import Path


class Devices(NamedTuple):
    """The accelerators and where the file states them."""

    hardware: Hardware | None
    path: Path | None = None
    note: str = ""
    problems: tuple[Problem, ...] = ()


def devices(
    path: Path,
    accelerator: str | None = None,
    count: int | None = None,
    *,
    memory: object = None,
    instance: str | None = None,
    note: str = "",
) -> Devices:
    """What `path` states. A name that the catalogue lacks is kept: the plan says that its memory is not known."""
    found, _ = resolve.hardware(accelerator, memory, instance, count)
    return Devices(found, path, note)


def either(choices: Sequence[Hardware]) -> Hardware:
    """Devices of which any will do: as little memory as the smallest has, and as much as the largest."""
    if len(choices) == 1:
        return choices[0]
    least = [each.memory for each in choices if each.memory is not None]
    most = [each.memory_max for each in choices if each.memory_max is not None]
    known = len(least) == len(most) == len(choices)
    name = " or ".join(dict.fromkeys(each.name or "?" for each in choices))
    return Hardware(name, choices[0].count, min(least) if known else None, max(most) if known else None)


def of_container(container: Container) -> Devices:
    """What a container and its pod ask for."""
    from planner.formats.kubernetes import accelerators

    found = accelerators.of(container)
    origin = found.origins.get("deployment.hardware") or found.origins.get("deployment.hardware.count")
    if origin is None:
        return Devices(found.hardware, problems=found.problems)
    return Devices(found.hardware, origin.path, origin.note, found.problems)


NONE = Devices(None)
OWN_CODE = NotChecked("serving", "code of its own serves it", "describe it in a file for planner", "model.name")


def deployment(launch: Launch, place: serving.Place, on: Devices = NONE, name: str | None = None) -> Workload:
    """The config that a launch is; without a `name` it has the model's."""
    outcome = serving.from_launch(launch, on.hardware, place)
    if on.hardware is not None and on.path is not None:
        outcome.origins.setdefault("deployment.hardware", Origin("key", on.path, note=on.note))
    called = name or (outcome.model.name if outcome.model else None)
    return serving.workload(called or place.document.file, outcome, place)._replace(problems=on.problems)


def of_own_code(name: str, path: Path, place: serving.Place, title: str | None = None) -> Workload | None:
    """A model that is served by a program that nobody knows; None of one that may be no language model."""
    from planner.formats import flags

    launch = with_model(flags.Launch(flags.ENGINES["vllm"], {}, path), name, path)
    found = deployment(launch, place, name=title)
    return None if found.not_checked else found._replace(serving=None, not_checked=(OWN_CODE,))


def with_options(launch: Launch, **options: tuple[object, Path]) -> Launch:
    """`launch` with options that the file states in keys of its own; those of the command line win."""
    stated = {name: _option(value, path) for name, (value, path) in options.items()}
    return launch._replace(options={**stated, **launch.options})


def _option(value: object, path: Path) -> Option:
    key = str(path[-1])
    return option(value, path, key, {}) if isinstance(value, str) else Option(value, path, key)


def with_model(launch: Launch, name: object, path: Path, environment: Environment | None = None) -> Launch:
    """`launch` of the model that the file names in a key of its own, whatever its command line says; what is no name
    names none."""
    key = next(each for each, field in launch.table.fields.items() if field == "model.name")
    if not word(name):
        return launch._replace(options={each: stated for each, stated in launch.options.items() if each != key})
    return launch._replace(options={**launch.options, key: option(word(name), path, str(path[-1]), environment or {})})
