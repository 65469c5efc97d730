"""Where the sections of a config are: in the document, or in a file of their own that it names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from planner import disk
from planner.formats.resolve_model import first_mapping, located
from planner.record import NamedTuple
from planner.workload import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.formats.context import Context
    from planner.source.document import Document, Path

FILE_NOT_FOUND = "REF004"
HUB_KEYS = frozenset({"model_type", "architectures", "hidden_size", "text_config"})
"""One of which every config.json has."""


class Section(NamedTuple):
    """A section of a config and where it stands."""

    name: str
    """model, deployment or training."""
    document: Document
    """That holds it."""
    path: Path
    values: Mapping[str, object]
    model: str | None = None
    """A model's name that stands in place of the section."""
    problem: Problem | None = None
    """Why the section could not be had."""


def find(name: str, document: Document, context: Context) -> Section | None:
    """The section `name` of the config in `document`; None if it has none, or something that is no section."""
    path: Path = (name,)
    value = document.data.get(name)
    seen = [os.path.abspath(document.file)] if isinstance(value, str) else []
    while isinstance(value, str) and value.strip():
        target = located(value, document.file)
        if not _is_reference(name, value, target):
            return Section(name, document, path, {}, model=value)
        place = os.path.abspath(target)
        if place in seen:
            circle = " → ".join(os.path.basename(file) for file in [*seen[seen.index(place) :], place])
            return _lost(name, document, path, f"files refer to each other in a circle: {circle}")
        seen.append(place)
        found, wrong = first_mapping(target, context.load)
        if found is None:
            return _lost(name, document, path, f"`{value}` cannot be read: {wrong}")
        if name in found.data:
            document, path, value = found, (name,), found.data[name]
        elif name == "model" and not HUB_KEYS.isdisjoint(found.data):
            return Section(name, document, path, {}, model=value)
        elif _is_bare(name, found.data):
            document, path, value = found, (), found.data
        else:
            return _lost(name, document, path, f"`{value}` holds no section `{name}`")
    return Section(name, document, path, value) if isinstance(value, dict) else None


def _is_reference(name: str, value: str, target: str) -> bool:
    """Whether a string is the path of a file with the section; a `model` may be the name of one instead."""
    return (
        name != "model"
        or value.endswith((".yaml", ".yml", ".json"))
        or (disk.is_file(target) and not value.endswith(".gguf"))
    )


def _is_bare(name: str, data: Mapping[str, object]) -> bool:
    """Whether a file is the section itself, without its name on top."""
    from planner.formats.native.recognition import GENERIC, OWN

    return any(key in OWN[name] or key in GENERIC[name] for key in data)


def _lost(name: str, document: Document, path: Path, message: str) -> Section:
    advice = "the path is relative to the file that names it"
    return Section(name, document, path, {}, problem=Problem(FILE_NOT_FOUND, message, path, document, advice))
