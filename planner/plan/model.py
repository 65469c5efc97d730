"""The model of a workload, resolved: its stack of layers, its parameters, and the bytes of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from planner.memo import by_identity, same
from planner.plan.types import ModelPlan
from planner.record import NamedTuple
from planner.workload import Model, NotChecked

if TYPE_CHECKING:
    from planner.memory.weights import Weights
    from planner.model.quantization import Scheme
    from planner.model.stack import Architecture, Parameters

ASSUMED_DTYPE = "bfloat16"
"""Of weights whose dtype nobody states; what nearly every checkpoint since 2023 is published in."""

HALVING = frozenset({"vllm", "sglang", "tgi"})
"""Engines whose dtype "auto" is 16 bit for a float32 checkpoint (vllm/config/model.py, _resolve_auto_dtype)."""


class _Shape(NamedTuple):
    architecture: Architecture | None
    parameters: Parameters | None
    contradictions: tuple[tuple[str, str, str], ...]


Answer = tuple[ModelPlan | None, tuple[NotChecked, ...]]


def model_plan(model: Model, engine: str | None = None) -> Answer:
    """What is known of `model` as `engine` loads it, and what is not: (None, why) without a shape or a size."""
    if model.config is None:
        return _worked_out(model, engine, _Shape(None, None, ()))
    config = model.config if model.source == "catalogue" else same(model.config)
    if model.folder is None and model.quantization is None and model.adapter is None:
        found, _ = _of_config(config, engine, *model._replace(name=None, config=None))
        if found is not None:
            return found._replace(name=model.name), ()
    return _worked_out(model._replace(config=config), engine, _shape(config))


@by_identity
def _of_config(config: Mapping[str, object], engine: str | None, *stated: Any) -> Answer:
    """The plan of a model that is all in `config` and what is `stated` beside it, whatever it is called."""
    return _worked_out(Model(*stated)._replace(config=config), engine, _shape(config))


def _worked_out(model: Model, engine: str | None, shape: _Shape) -> Answer:
    total = shape.parameters.total if shape.parameters else model.parameters
    if total is None:
        return None, (_unknown(model, shape),)
    architecture = shape.architecture
    dtype, assumed = _dtype(model, architecture, engine)
    scheme, doubt = _scheme(model, architecture)
    weights = _weights(model, architecture, total, dtype, scheme)
    active = model.active_parameters or (shape.parameters.active if shape.parameters else None)
    found = ModelPlan(
        name=model.name,
        source=model.source or "parameters",
        architecture=architecture,
        parameters=shape.parameters,
        total=total,
        active=active or total,
        dtype=dtype,
        quantization=_describe(scheme),
        weights_bytes=weights.total,
        max_context=architecture.max_context if architecture else None,
        bits_per_parameter=8 * weights.total / total if total else None,
        notes=tuple(
            note for note in (*(architecture.notes if architecture else ()), assumed, doubt, *weights.notes) if note
        ),
        contradictions=shape.contradictions,
        scheme=scheme,
        weights_low=0 if doubt else weights.low,
        rotary_elements=_rotary(model.config, architecture),
    )
    return _adapted(found, model) if model.adapter else (found, ())


def _adapted(found: ModelPlan, model: Model) -> tuple[ModelPlan, tuple[NotChecked, ...]]:
    """`found` with the parameters of the adapter beside it, which has to name some of its matrices."""
    if model.adapter is None or found.architecture is None:
        return found, (NotChecked("adapter", f"only the size of {model.name} is known", "give its config.json"),)
    from planner.memory.training import lora

    if not any(lora.carriers(found.architecture, model.adapter.targets)):
        names = ", ".join(model.adapter.targets)
        return found, (
            NotChecked(
                "adapter",
                f"its targets ({names}) are the names of no matrix of {model.name} that is known",
                "check that it was trained for this model",
            ),
        )
    return found._replace(adapter_parameters=lora.stored(found.architecture, model.adapter)), ()


def _rotary(config: Mapping[str, object] | None, architecture: Architecture | None) -> int:
    if architecture is None or config is None:
        return 0
    from planner.model.rotary import table_elements

    return table_elements(config)


@by_identity
def _shape(config: Mapping[str, object]) -> _Shape:
    from planner.model import read
    from planner.model.config import ConfigError
    from planner.model.contradictions import contradictions
    from planner.model.parameters import count

    found = tuple(contradictions(config))
    try:
        architecture = read(config)
    except ConfigError as error:
        return _Shape(None, None, found or ((error.key, str(error), ""),))
    return _Shape(architecture, count(architecture), found)


def _unknown(model: Model, shape: _Shape) -> NotChecked:
    if shape.contradictions:
        key, message, _ = shape.contradictions[0]
        return NotChecked(
            "model", message, "give `parameters:` or complete the architecture", f"model.architecture.{key}"
        )
    because = f"{model.name} is not in the catalogue" if model.name else "no model is named"
    return NotChecked(
        "model", because, "add `parameters: 7B`, or `architecture:` with the keys of its config.json", "model"
    )


def _dtype(model: Model, architecture: Architecture | None, engine: str | None) -> tuple[str, str]:
    if model.dtype:
        return model.dtype, ""
    if architecture and architecture.dtype == "float32" and engine in HALVING:
        return ASSUMED_DTYPE, f"the checkpoint is in float32; {engine} loads it in 16 bit unless a dtype is stated"
    if architecture and architecture.dtype:
        return architecture.dtype, ""
    return ASSUMED_DTYPE, f"dtype not stated: {ASSUMED_DTYPE} assumed"


def _scheme(model: Model, architecture: Architecture | None) -> tuple[Scheme | None, str]:
    stated = architecture.quantization if architecture else None
    if model.quantization is None and stated is None:
        return None, ""
    from planner.model.quantization import resolve

    return resolve(model.quantization, stated)


def _describe(scheme: Scheme | None) -> str | None:
    if scheme is None:
        return None
    from planner.model.quantization import describe

    return describe(scheme)


def _weights(model: Model, architecture: Architecture | None, total: int, dtype: str, scheme: Scheme | None) -> Weights:
    """Bytes of all weights: of the checkpoint where there is one, else tensor by tensor, else by size alone."""
    from planner.memory import weights

    if model.folder:
        from planner.model.checkpoint import inspect

        checkpoint = inspect(model.folder)
        if checkpoint is not None and checkpoint.bytes:
            stored = f"weights as stored in {model.folder}"
            return weights.Weights(checkpoint.bytes, {}, (stored, *checkpoint.notes), checkpoint.bytes)
    if architecture is None:
        size = weights.weights_of_count(total, dtype, scheme)
        return weights.Weights(size, {}, weights.notes_of_count(scheme), size)
    return weights.weights(architecture, dtype, scheme)
