"""vLLM's recipes: a model, and variants of it that are known to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.native import fields
from planner.workload import Model, Origin, Quantization

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload


def recognise(document: Document) -> bool:
    """Whether it describes a model for vLLM and its variants by precision and memory."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("model"), dict) or "meta" not in data:
        return False
    return isinstance(data["model"].get("model_id"), str) and any(True for _ in _variants(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One deployment for each variant. The memory that it asks for is a minimum in all, of no card in particular."""
    place = serving.Place(document, context, "vllm-recipe")
    for name, variant in _variants(document.data):
        for alternative in _alternatives(variant):
            yield _deployment(name, variant, alternative, place)


def _variants(data: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    stated = data.get("variants")
    for name, values in stated.items() if isinstance(stated, dict) else ():
        if isinstance(values, dict) and "precision" in values and "vram_minimum_gb" in values:
            yield name, values


def _alternatives(variant: Mapping[str, object]) -> Iterator[tuple[str | None, object]]:
    """(accelerator, tensor parallel) of each way to run a variant; None where the recipe says it once for all."""
    stated = variant.get("tp")
    if isinstance(stated, dict) and stated:
        yield from ((str(name), size) for name, size in stated.items())
    else:
        yield None, stated


def _deployment(
    name: str, variant: Mapping[str, object], alternative: tuple[str | None, object], place: serving.Place
) -> Workload:
    kind, size = alternative
    model: Mapping[str, object] = place.document.data["model"]
    path: Path = ("variants", name)
    own = isinstance(variant.get("model_id"), str)
    identifier, where = (
        (variant["model_id"], (*path, "model_id")) if own else (model["model_id"], ("model", "model_id"))
    )
    line = [
        *flags.words(model.get("base_args"), ("model", "base_args")),
        *flags.words(variant.get("extra_args"), (*path, "extra_args")),
        *flags.words(
            _of_kind(variant, kind).get("extra_args"), (*path, "hardware_overrides", kind or "", "extra_args")
        ),
    ]
    launch = flags.find(line, {}, "vllm", path) or flags.Launch(flags.ENGINES["vllm"], {}, path)
    at: Path = (*path, "tp", kind) if kind else (*path, "tp")
    if size is not None:
        launch = devices.with_options(launch, tensor_parallel_size=(size, at))
    launch = devices.with_model(launch._replace(path=path), identifier, where)
    on = devices.devices(at, kind) if kind and _is_one(kind) else devices.NONE
    found = devices.deployment(launch, place, on, f"{identifier} ({f'{name}, {kind}' if kind else name})")
    return found if own else _by_size(found, variant, model, path)


def _of_kind(variant: Mapping[str, object], kind: str | None) -> Mapping[str, object]:
    """What a variant overrides on one accelerator."""
    stated = variant.get("hardware_overrides")
    found = stated.get(kind) if isinstance(stated, dict) else None
    return found if isinstance(found, dict) else {}


def _is_one(kind: str) -> bool:
    """Whether it names an accelerator, no generation of them (hopper)."""
    from planner.formats import resolve

    return resolve.hardware(kind)[1] is None


def _by_size(found: Workload, variant: Mapping[str, object], stated: Mapping[str, object], path: Path) -> Workload:
    """`found` with the number of parameters that the recipe gives, where nothing else is known of its model."""
    model, total = found.model, fields.size(stated.get("parameter_count"))
    if model is None or model.config is not None or model.parameters is not None or not total:
        return found
    precision = variant["precision"]
    dtype = units.dtype(precision)
    scheme = None if dtype in ("bfloat16", "float16", "float32") else Quantization(str(precision))
    sized = Model(
        model.name,
        parameters=total,
        active_parameters=fields.size(stated.get("active_parameters")),
        dtype="bfloat16" if scheme else dtype,
        quantization=scheme,
    )
    origins = {
        **found.origins,
        "model.parameters": Origin("key", ("model", "parameter_count")),
        "model.dtype": Origin("key", (*path, "precision")),
    }
    rest = tuple(entry for entry in found.not_checked if entry.what != "model")
    return found._replace(model=sized, origins=origins, not_checked=rest)
