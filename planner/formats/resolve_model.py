"""What the name of a model stands for: a path, a row of the catalogue, or a model in the local cache of the Hub."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from planner import disk
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Document, Source
    from planner.workload import Quantization

CHECKPOINTS = (".safetensors", ".gguf", ".bin", ".pth", ".pt")


class ModelFound(NamedTuple):
    """What the name of a model stands for."""

    name: str
    config: Mapping[str, object] | None = None
    """Keys of a config.json."""
    source: str | None = None
    """catalogue or config.json."""
    parameters: int | None = None
    """Where only the size is known."""
    active_parameters: int | None = None
    quantization: Quantization | None = None
    """That the name implies."""
    folder: str | None = None
    """With a checkpoint, or the GGUF file."""
    document: Document | None = None
    """The config.json that was read."""
    note: str = ""
    """Where it comes from and what was assumed."""
    wrong: str = ""
    """Why its config.json could not be read."""


def model(name: str, beside: str, load: Callable[[str], Source | None]) -> ModelFound | None:
    """What `name` stands for in the file `beside`: a path, a row of the catalogue, a model in the local Hub cache."""
    return local_model(name, beside, load) or _catalogued(name) or _cached(name, load)


def local_model(name: str, beside: str, load: Callable[[str], Source | None]) -> ModelFound | None:
    """The model at the path `name`, relative to the file `beside`: a config.json, a folder with one, a checkpoint."""
    path = located(name, beside)
    if not name:
        return None
    if disk.is_dir(path):
        files = disk.listed(path)
        folder = path if any(file.endswith(CHECKPOINTS) for file in files) else None
        if "config.json" in files:
            return _of_config(name, os.path.join(path, "config.json"), load)._replace(folder=folder)
        return ModelFound(name, folder=folder, note=path) if folder else None
    if not disk.is_file(path):
        return None
    if path.endswith(".json"):
        folder = os.path.dirname(path)
        stored = any(file.endswith(CHECKPOINTS) for file in disk.listed(folder))
        return _of_config(name, path, load)._replace(folder=folder or "." if stored else None)
    return ModelFound(name, folder=path, note=path) if path.endswith(".gguf") else None


def located(reference: str, beside: str) -> str:
    """The path that `reference` in the file `beside` means."""
    return os.path.normpath(os.path.join(os.path.dirname(beside), reference))


def _of_config(name: str, path: str, load: Callable[[str], Source | None]) -> ModelFound:
    document, wrong = first_mapping(path, load)
    if document is None:
        return ModelFound(name, wrong=f"{path} cannot be read: {wrong}")
    return ModelFound(name, document.data, "config.json", document=document, note=path)


def first_mapping(path: str, load: Callable[[str], Source | None]) -> tuple[Document | None, str]:
    """The first document of the file at `path` that is a mapping, or why there is none."""
    source = load(path)
    for document in source.documents if source else ():
        if isinstance(document.data, dict):
            return document, ""
    for problem in source.problems if source else ():
        if problem.fatal:
            where = f"line {problem.span.line}: " if source and source.text else ""
            return None, where + problem.message.removeprefix("cannot be read: ")
    return None, "it holds no mapping"


def _catalogued(name: str) -> ModelFound | None:
    from planner.catalog import models

    row = models.find(name)
    if row is None:
        return None
    note = f"catalogue: {row.id} ({row.date})" + (f"; {row.note}" if row.note else "")
    if row.config is not None:
        return ModelFound(name, row.config, "catalogue", quantization=row.quantization, note=note)
    return ModelFound(name, None, None, row.parameters, row.active_parameters, row.quantization, note=note)


def _cached(name: str, load: Callable[[str], Source | None]) -> ModelFound | None:
    from planner.catalog import hub_cache

    path = hub_cache.find(name) if "/" in name else None
    return local_model(path, "", load) if path else None
