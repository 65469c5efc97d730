"""llama-swap: models by name, each with the command of its server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import devices, flags, serving
from planner.formats.flags.words import LONGEST
from planner.workload import Hardware

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

MACRO = r"\$\{([\w-]{1,64})\}"
DEEPEST = 8
"""Macros within macros."""


def recognise(document: Document) -> bool:
    """Whether it lists models whose commands start an engine that is known."""
    return isinstance(document.data, dict) and any(True for _ in _launches(document.data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """Each model. Those that others must make room for are not added up."""
    place = serving.Place(document, context, "llama-swap")
    for name, values, launch in _launches(document.data):
        yield devices.deployment(launch, place, _devices(values, ("models", name, "env")), name)


def _launches(data: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object], flags.Launch]]:
    models = data.get("models")
    for name, values in models.items() if isinstance(models, dict) else ():
        command = values.get("cmd") if isinstance(values, dict) else None
        if isinstance(command, str):
            path: Path = ("models", name, "cmd")
            filled = _filled(command, {**_macros(data), **_macros(values), "PORT": "5800", "MODEL_ID": name})
            launch = flags.find(flags.words(filled, path), {}, path=path)
            if launch is not None:
                yield name, values, launch


def _macros(values: Mapping[str, object]) -> dict[str, str]:
    stated = values.get("macros")
    return {key: str(value) for key, value in stated.items()} if isinstance(stated, dict) else {}


def _filled(command: str, macros: Mapping[str, str]) -> str:
    """The command in one line, without comments, its macros replaced."""
    for _ in range(DEEPEST):
        lines = (line.strip() for line in command.splitlines())
        command = " ".join(line.removesuffix("\\") for line in lines if not line.startswith("#"))
        if len(command) > LONGEST or not re.search(MACRO, command):
            break
        command = re.sub(MACRO, lambda match: macros.get(match[1], match[0]), command)
    return command


def _devices(values: Mapping[str, object], path: Path) -> devices.Devices:
    """As many devices as the environment lets it see; which they are, nothing says."""
    stated = values.get("env")
    for index, entry in enumerate(stated if isinstance(stated, list) else ()):
        name, _, value = str(entry).partition("=")
        if name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES") and re.fullmatch(r"\d+(,\d+)*", value):
            return devices.Devices(Hardware(count=value.count(",") + 1), (*path, index))
    return devices.NONE
