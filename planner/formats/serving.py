"""From a command line or an engine's options to the vocabulary. Shared by all serving formats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.formats import flags
from planner.formats.serving_model import read_model
from planner.formats.serving_options import Reading, serving, unset
from planner.record import NamedTuple
from planner.workload import Hardware, Model, NotChecked, Origin, Serving, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.flags import Environment, Launch, Option, Word
    from planner.source.document import Document, Path

MEND = "give it a value in this file"
ON_THE_HOST = "it is served from the host's memory, of which nothing is known"
CHOOSES_ITSELF = "a NIM chooses precision and layout for the devices that it finds"


class Place(NamedTuple):
    """Where a launch was found."""

    document: Document
    context: Context
    format: str
    mend: str = MEND
    """What would make an unknown variable known."""


class Outcome(NamedTuple):
    """What a launch says, in the vocabulary."""

    model: Model | None
    serving: Serving | None
    origins: dict[str, Origin]
    not_checked: tuple[NotChecked, ...] = ()


def from_command(
    line: Sequence[Word], environment: Environment, image: str | None, hardware: Hardware | None, place: Place,
    path: Path = (),
) -> Outcome | None:  # fmt: skip
    """What the engine that a command line or an image starts is asked for; None where they start none.

    `hardware` is what the file states of it; `path` that of the container or service.
    """
    launch = flags.find(line, environment, image, path)
    return from_launch(launch, hardware, place) if launch else None


def from_launch(launch: Launch, hardware: Hardware | None, place: Place) -> Outcome:
    """The same of a launch that is known."""
    reading = Reading(launch)
    open_because = _open(launch, hardware)
    deployment = None if open_because else serving(reading, _hardware(reading, hardware, place.context))
    named = reading.stated("model.name")
    if named is None or named.missing or named.value is None or isinstance(named.value, (dict, list)):
        return _nameless(reading, deployment, place)
    reading.get("model.dtype")
    reading.get("model.quantization")
    found = read_model(launch, named, place.document, place.context, reading.origins)
    unknown = [NotChecked("serving", because, place.mend, "deployment") for because in dict.fromkeys(reading.unknown)]
    if open_because:
        unknown = [NotChecked("serving", open_because, "describe it in a file for planner", "deployment")]
    return Outcome(found.model, None if unknown else deployment, reading.origins, (*found.not_checked, *unknown))


def workload(name: str, outcome: Outcome, place: Place) -> Workload:
    """The config that a launch is; `name` is that of the pod, service or file."""
    return Workload(
        place.document,
        place.format,
        name,
        outcome.model,
        outcome.serving,
        origins=outcome.origins,
        not_checked=outcome.not_checked,
    )


def _nameless(reading: Reading, deployment: Serving | None, place: Place) -> Outcome:
    """A launch whose model is not known."""
    stated = reading.stated("model.name")
    if stated is not None:
        reading.origins["model.name"] = Origin("key", stated.path, note=stated.flag)
    engine = reading.launch.table.engine
    because = f"the model is not known: {_unknown(stated)}" if stated else f"{engine} is started without a model"
    mend = place.mend if stated else "name the model where the engine is started"
    missing = NotChecked("model", because, mend, "model.name" if stated else "deployment")
    return Outcome(None, None if reading.unknown else deployment, reading.origins, (missing,))


def _unknown(stated: Option) -> str:
    """Why a name that is stated is none."""
    if stated.missing or stated.value is None:
        return unset(stated)
    from planner.model.config import shown

    return f"{stated.flag} is {shown(stated.value)}, not a name"


def _hardware(reading: Reading, stated: Hardware | None, context: Context) -> Hardware | None:
    """What the file states; where it does not say which devices, those of the surroundings."""
    given = context.hardware
    if given is None or (stated is not None and (stated.memory is not None or stated.name is not None)):
        return stated
    reading.origins["deployment.hardware"] = context.hardware_origin or Origin("option", note="--hardware")
    return given._replace(count=stated.count) if stated is not None and stated.count else given


def _open(launch: Launch, hardware: Hardware | None) -> str | None:
    """Why nothing can be said of the memory that a launch takes; None where it can."""
    if launch.table.engine == "nim":
        return CHOOSES_ITSELF
    return ON_THE_HOST if hardware is None and _on_the_host(launch) else None


def _on_the_host(launch: Launch) -> bool:
    """Whether it serves without an accelerator: an image for CPUs, `--device cpu`, no layer on a device."""
    device, layers = launch.options.get("device"), launch.options.get("n_gpu_layers")
    return (
        re.search(r"(?:^|[-_/:.])cpu(?:[-_.:]|$)", launch.image) is not None
        or (device is not None and device.value == "cpu")
        or (layers is not None and layers.value == 0)
    )
