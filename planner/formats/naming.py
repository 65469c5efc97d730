"""A model by its name in somebody's file, with the origins of what the name led to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.formats.resolve_model import model as find_model
from planner.record import NamedTuple
from planner.workload import Model, NotChecked, Origin, Problem

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

MEND = "describe it beside: a folder with its config.json at that path, or a row in the settings' catalogue"
UNRESOLVED = r"\$\{?\(?[A-Za-z_]|\{\{|<[A-Za-z_][^>]*>|\?\?\?|\{[A-Za-z_]+\}"
"""A variable, a template or a placeholder: something that only a later step fills in."""


class Named(NamedTuple):
    """The model, and what is known of where it comes from."""

    model: Model
    origins: dict[str, Origin] = {}
    problems: tuple[Problem, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


def is_open(text: str) -> bool:
    """Whether `text` holds something that is filled in later."""
    return re.search(UNRESOLVED, text) is not None


def find(name: str, path: Path, document: Document, context: Context) -> Named:
    """The model that `name` at `path` of `document` stands for."""
    origins = {"model": Origin("key", path), "model.name": Origin("key", path)}
    if is_open(name):
        because = f"the model `{name}` is filled in outside of this file"
        return Named(Model(name), origins, (), (NotChecked("model", because, "write its name there", "model.name"),))
    found = find_model(name, document.file, context.load)
    if found is None or found.wrong:
        because = found.wrong if found else f"the model {name} is not in the catalogue, and no file"
        return Named(Model(name), origins, (), (NotChecked("model", because, _mend(name), "model.name"),))
    kind = "key" if found.document is not None else "catalogue"
    for field in ("architecture", "parameters", "quantization"):
        origins[f"model.{field}"] = Origin(kind, () if found.document else None, found.document, found.note)
    model = Model(
        name, found.config, found.source, found.parameters, found.active_parameters,
        quantization=found.quantization, folder=found.folder,
    )  # fmt: skip
    return Named(model, origins)


def _mend(name: str) -> str:
    from planner.catalog import models

    near = models.close(name)
    return (f"did you mean {' or '.join(near)}? else " if near else "") + MEND
