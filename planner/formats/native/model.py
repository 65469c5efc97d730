"""The section `model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner import units
from planner.formats.native import fields
from planner.formats.resolve_model import ModelFound, local_model
from planner.formats.resolve_model import model as find_model
from planner.record import NamedTuple
from planner.workload import Model, NotChecked, Origin, Problem, Quantization

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.native.fields import Fields
    from planner.source.document import Document

UNKNOWN_MODEL, FILE_NOT_FOUND = "REF001", "REF004"
MEND = "add `parameters: 7B`, or `architecture:` with the keys of its config.json"
NONE = frozenset({"none", "no", "null", "unquantized", "false"})


class Outcome(NamedTuple):
    """The model, and what was wrong with its name."""

    model: Model
    problems: tuple[Problem, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


def read(section: Fields, name: str | None, document: Document, context: Context) -> Outcome:
    """The model that a section in `document` describes; `name` stands in place of the section, where one does."""
    stated = _stated(section, name)
    if stated.config is not None:
        found = local_model(stated.name, document.file, context.load) if stated.name else None
        return Outcome(stated._replace(folder=found.folder) if found else stated)
    if stated.name is None:
        return Outcome(stated)
    found = find_model(stated.name, document.file, context.load)
    if found is not None and not found.wrong:
        return Outcome(_resolved(section, stated, found))
    if found is None and stated.parameters is not None:
        return Outcome(stated)
    return _unknown(section, stated, found)


def _stated(section: Fields, name: str | None) -> Model:
    if name is None:
        name = section.get("name", fields.text)
    else:
        section.origins["model.name"] = section.origins["model"]
    architecture = section.below("architecture")
    if architecture is not None:
        for key in architecture.values:
            architecture.origins[f"model.architecture.{key}"] = architecture.origin(key)
    return Model(
        name=name,
        config=architecture.values if architecture and architecture.values else None,
        source="inline" if architecture and architecture.values else None,
        parameters=section.get("parameters", fields.size),
        active_parameters=section.get("active_parameters", fields.size),
        dtype=dtype(section, "dtype"),
        quantization=_quantization(section),
    )


def dtype(section: Fields, key: str) -> str | None:
    """The canonical dtype under `key`; None where it is auto."""
    if section.values.get(key) == "auto":
        section.origins[f"{section.name}.{key}"] = section.origin(key)
        return None
    return section.get(key, units.dtype)


def _quantization(section: Fields) -> Quantization | None:
    value = section.values.get("quantization")
    if isinstance(value, str):
        method = section.get("quantization", fields.text)
        return Quantization(method) if method and method.lower() not in NONE else None
    if value is False:
        return None
    scheme = section.below("quantization")
    if scheme is None:
        return None
    method = scheme.get("method", fields.text) or scheme.get("quant_method", fields.text)
    bits = scheme.get("bits", fields.above_zero)
    group_size = scheme.get("group_size", _group_size)
    if method is None and bits is None:
        section.reject("quantization")
        return None
    rest = {
        key: value
        for key, value in scheme.values.items()
        if key not in ("method", "quant_method", "bits", "group_size")
    }
    return Quantization(method or f"int{bits:g}", bits, group_size, rest)


def _group_size(value: object) -> int | None:
    """Weights that share a scale; -1 is a whole row."""
    return -1 if value == -1 else fields.whole(value)


def _resolved(section: Fields, stated: Model, found: ModelFound) -> Model:
    """`stated` with what its name stands for."""
    origins = section.origins
    if found.document is not None:
        origins["model.architecture"] = Origin("key", (), found.document, found.note)
        for key in found.document.data:
            origins[f"model.architecture.{key}"] = Origin("key", (key,), found.document)
    else:
        for field in ("architecture", "parameters", "quantization"):
            origins.setdefault(f"model.{field}", Origin("catalogue", note=found.note))
    quantization = stated.quantization
    if section.values.get("quantization") is None or _only_named(quantization, found.quantization):
        quantization = found.quantization
    return stated._replace(
        config=found.config,
        source=found.source,
        parameters=stated.parameters or found.parameters,
        active_parameters=stated.active_parameters or found.active_parameters,
        quantization=quantization,
        folder=found.folder,
    )


def _only_named(stated: Quantization | None, found: Quantization | None) -> bool:
    """Whether the config names no more than the method of what the model's name spells out ("…-quantized.w8a8")."""
    if stated is None or found is None or stated.bits is not None or stated.group_size is not None or stated.options:
        return False
    return stated.method.replace("_", "-") in (found.method, "compressed-tensors")


def _unknown(section: Fields, stated: Model, found: ModelFound | None) -> Outcome:
    """Nothing is known of the model: said at its name."""
    origin = section.origins["model.name"]
    if found is not None:
        rule, because, advice = FILE_NOT_FOUND, found.wrong, "the path is relative to the file that names it"
    else:
        from planner.catalog import models

        near = models.close(stated.name or "")
        rule, because = UNKNOWN_MODEL, f"the model {stated.name} is neither in the catalogue nor a file"
        advice = (f"did you mean {' or '.join(near)}?\n" if near else "") + MEND
    problem = Problem(rule, because, origin.path or (), origin.document, advice)
    return Outcome(stated, (problem,), (NotChecked("model", because, MEND, "model.name"),))
