"""Models and engines beside the one that is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats.native import fields, model
from planner.formats.resolve_model import model as find_model
from planner.workload import Companion, Model, Rollout

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.native.fields import Fields

PLACES = ("device", "host", "elsewhere")


def companion(section: Fields, key: str, context: Context) -> Companion | None:
    """The further model under `key`: true is one as the trained model, false none, a text its name."""
    value = section.values.get(key)
    if isinstance(value, bool):
        section.get(key, fields.flag)
        return Companion() if value else Companion("none")
    if isinstance(value, str):
        name = section.get(key, fields.text)
        return Companion(model=named(name, section, context)) if name else None
    inner = section.below(key)
    if inner is None:
        return None
    name = inner.get("name", fields.text)
    parameters = inner.get("parameters", fields.size)
    found = named(name, section, context) if name else Model(parameters=parameters) if parameters else None
    if found is not None and parameters is not None:
        found = found._replace(parameters=parameters)
    return Companion(inner.get("place", _place) or "device", found, model.dtype(inner, "dtype"))


def named(name: str, section: Fields, context: Context) -> Model:
    """The model that `name` stands for; by its name alone where nobody knows it."""
    found = find_model(name, section.file, context.load)
    if found is None or found.wrong:
        return Model(name)
    return Model(name, found.config, found.source, found.parameters, found.active_parameters)


def rollout(section: Fields) -> Rollout | None:
    """The engine that generates on the same devices."""
    engine = section.below("rollout")
    if engine is None:
        return None
    return Rollout(
        engine.get("engine", fields.word),
        engine.get("memory_utilization", fields.share),
        engine.get("tensor_parallel", fields.whole),
        engine.get("sleeps", fields.flag),
    )


def _place(value: object) -> str | None:
    found = fields.word(value)
    return found if found in PLACES else None
