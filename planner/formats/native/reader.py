"""A native config, from its document to a workload."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from planner import schema
from planner.formats.native import model, sections
from planner.formats.native.fields import Fields, Unread
from planner.record import NamedTuple
from planner.schema.conform import conforms
from planner.workload import NotChecked, Problem, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.native.sections import Section
    from planner.schema.conform import Node
    from planner.source.document import Document, Path
    from planner.workload import Origin, Training


class _Config:
    """A config while it is read."""

    def __init__(self, document: Document, context: Context) -> None:
        self.document = document
        self.context = context
        self.origins: dict[str, Origin] = {}
        self.problems: list[Problem] = []
        self.not_checked: list[NotChecked] = []
        self.unread = Unread()
        self.foreign: list[Section] = []

    def section(self, name: str) -> tuple[Section, Fields] | None:
        """The section `name` with its values; None where there is none, or none to be had."""
        found = sections.find(name, self.document, self.context)
        if found is None:
            return None
        values = Fields(found, self.origins, self.unread, self.document)
        if found.document is not self.document and found.values:
            self.foreign.append(found)
        if found.problem is not None:
            self.problems.append(found.problem)
            what = {"deployment": "serving"}.get(name, name)
            self.not_checked.append(NotChecked(what, found.problem.message, "name a file that has it", name))
            return None
        return found, values


def read_config(document: Document, context: Context) -> Workload:
    """The workload that the native config in `document` describes, with everything that is wrong with it."""
    config = _Config(document, context)
    outcome = _model(config)
    serving = training = None
    if (found := config.section("deployment")) is not None:
        from planner.formats.native import deployment

        serving = deployment.read(found[1], context, config.problems)
    if (found := config.section("training")) is not None:
        from planner.formats.native.training import read

        training = read(found[1], context, config.problems)
    if outcome is None and not config.not_checked and not _is_budget(training):
        config.not_checked.append(NotChecked("model", "no model is named", "add `model: {name: …}`"))
    return Workload(
        document,
        "native",
        _name(document, outcome),
        outcome.model if outcome else None,
        serving,
        training,
        config.origins,
        (*_misfits(config), *config.problems),
        tuple(config.not_checked),
    )


def _model(config: _Config) -> model.Outcome | None:
    found = config.section("model")
    if found is None:
        return None
    section, values = found
    outcome = model.read(values, section.model, section.document, config.context)
    config.problems += outcome.problems
    config.not_checked += outcome.not_checked
    return outcome


def _is_budget(training: Training | None) -> bool:
    """Whether it asks which model to train, rather than how one is trained."""
    if training is None:
        return False
    counted = training.tokens or training.steps or training.epochs
    return bool(training.compute or (not counted and (training.days or training.gpu_hours)))


def _name(document: Document, outcome: model.Outcome | None) -> str:
    """The model's name, else the file's."""
    if outcome is not None and outcome.model.name:
        return outcome.model.name
    stem = os.path.splitext(os.path.basename(document.file))[0]
    return f"{stem} #{document.index + 1}" if document.index else stem


class _Part(NamedTuple):
    """A value and the part of the schema that it should conform to."""

    value: object
    schema: Node
    document: Document
    path: Path = ()
    name: Path = ()


def _misfits(config: _Config) -> list[Problem]:
    """Keys and values that the schema does not have, and quantities that are none."""
    whole: Node = schema.load("config")
    parts = [_Part(config.document.data, whole, config.document)]
    parts += [_Part(at.values, whole["$defs"][at.name], at.document, at.path, (at.name,)) for at in config.foreign]
    misfits = [part for part in parts if not conforms(part.value, part.schema, whole)]
    return _explained(misfits, config.unread, whole) if misfits or config.unread.places else []


def _explained(misfits: list[_Part], unread: Unread, whole: Node) -> list[Problem]:
    from planner.schema.explain import describe, problems
    from planner.schema.wording import Place, invalid_value

    found: list[Problem] = []
    for part in misfits:
        place = Place(part.path, part.name)
        found += problems(part.value, part.schema, whole, place=place, document=part.document)
    said = {(id(problem.document), problem.path) for problem in found}
    for field, (value, document, path) in unread.places.items():
        if (id(document), path) not in said:
            keys = tuple(field.split("."))
            found.append(invalid_value(value, Place(path, keys), describe(keys, whole))._replace(document=document))
    return found
