"""Models and devices as a command line asks for them: names, paths, patterns over the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from planner.formats import resolve, resolve_model
from planner.units import gib
from planner.workload import Hardware, Model

PATTERN = frozenset("*?[")
USUAL_COUNTS = (1, 2, 4, 8)
FEW = 3
"""As many names as are suggested one by one."""
HERE = "<command line>"
OTHER_DEVICES = "`planner hardware` lists those that are known, and a size of memory stands for any other: 80GB"
Devices = tuple[str, Hardware, tuple[int, ...]]
"""What a kind of device was called, one of them, and how many there may be."""


class UnknownError(Exception):
    """A name that stands for nothing; the message says so."""


def models(query: str) -> Iterator[Model]:
    """The models that `query` stands for: a name or a path is one, a pattern all of the catalogue that it matches.

    Raises UnknownError where there is none.
    """
    from planner.catalog import models as catalogue
    from planner.source import read

    if PATTERN & set(query):
        wanted = query.lower()
        names = [row.id for row in catalogue.all() if _matches(row.id.lower(), wanted)]
        if not names:
            raise UnknownError(f"no model of the catalogue matches {query}")
    else:
        names = [query]
    for name in names:
        found = resolve_model.model(name, HERE, read)
        if found is None or found.wrong:
            raise UnknownError(found.wrong if found else f"no model is called {name}; {_meant(name)}")
        yield Model(
            name,
            found.config,
            found.source,
            found.parameters,
            found.active_parameters,
            quantization=found.quantization,
            folder=found.folder,
        )


def _meant(name: str) -> str:
    """What to write instead of a name that no model has: a pattern where it is part of many, else the nearest."""
    from planner.catalog import models as catalogue

    part = name.lower()
    many = sum(part in row.id.lower() for row in catalogue.all())
    if many > FEW:
        return f"'*{name}*' stands for the {many} models of the catalogue that have it in their names"
    near = catalogue.close(name)
    return f"did you mean {' or '.join(near)}?" if near else "`planner models` lists those that are known"


def _matches(name: str, pattern: str) -> bool:
    """Whether the whole name matches, or what stands behind the organisation."""
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition("/")[2], pattern)


def devices(text: str, counts: tuple[int, ...] | None) -> Devices:
    """The kind of device that `text` names, and how many there may be: `counts`, else up to as many as it says.

    Raises UnknownError for what is no accelerator, memory size or cloud instance.
    """
    found, wrong = resolve.parse_hardware_option(text)
    if found is None or found.memory is None:
        said, _, advice = (wrong or f"the memory of {text} is not known").partition("\n")
        meant = advice.split("\n")[0] if advice.startswith("did you mean") else OTHER_DEVICES
        raise UnknownError(f"{said}; {meant}")
    most = found.count
    usual = tuple(count for count in USUAL_COUNTS if most is None or count < most)
    stated = counts or (usual if most is None else (*usual, most))
    return resolve.split_count(text)[0], found, stated


def taken_for(label: str, hardware: Hardware) -> str:
    """What a device is taken for whose name as a whole is not known, but without the size in it; empty for others."""
    from planner.catalog import accelerators

    if hardware.name is None or hardware.memory is None or not label.lower().startswith(hardware.name.lower()):
        return ""
    if hardware.name.lower() == label.lower() or accelerators.find(label) is not None:
        return ""
    return f"{label} is taken for {hardware.name} with {gib(hardware.memory)}"


def common_devices(counts: tuple[int, ...] | None) -> Iterator[Devices]:
    """What people rent and buy."""
    from planner.catalog.accelerators import COMMON

    return (devices(label, counts) for label, _ in COMMON)
