"""The `config.json` of a Hugging Face checkpoint: what model it is, and in what dtype it is stored."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import disk
from planner.formats.resolve_model import CHECKPOINTS
from planner.workload import Model, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

OTHER_FILES = frozenset({"peft_type", "base_model", "model_name_or_path", "_class_name", "_diffusers_version"})
"""Keys of files that name a model type as well and are no config.json: adapters, training configs, diffusers."""
TEXT = ("text_config", "language_config", "llm_config", "thinker_config")
SIZES = frozenset({"hidden_size", "d_model", "n_embd", "dim", "model_dim"})
VOCABULARY = frozenset({"vocab_size", "padded_vocab_size", "n_vocab"})


def recognise(document: Document) -> bool:
    """Whether it is the config of a language model: of a known type, or with a vocabulary and a hidden size."""
    data = document.data
    if not isinstance(data, dict) or "model_type" not in data or OTHER_FILES & data.keys():
        return False
    if not isinstance(data["model_type"], str):
        return _is_language_model(data) and "architectures" in data
    if not ("architectures" in data or SIZES & data.keys() or any(isinstance(data.get(key), dict) for key in TEXT)):
        return False
    from planner.model import families

    known = families.find_module(data["model_type"]) is not None
    return known or _is_language_model(data) or any(_is_language_model(data.get(key)) for key in TEXT)


def _is_language_model(data: object) -> bool:
    return isinstance(data, dict) and bool(SIZES & data.keys()) and bool(VOCABULARY & data.keys())


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one model that it describes."""
    data: Mapping[str, object] = document.data
    folder = os.path.dirname(document.file)
    name = _name(data, folder, document.file)
    dtype, place = _dtype(data)
    origins = dict(_origins(data))
    origins["model"] = origins["model.name"] = Origin("key", ("_name_or_path",) if "_name_or_path" in data else ())
    if place:
        origins["model.dtype"] = Origin("key", place)
    model = Model(name, data, "config.json", dtype=dtype, folder=(folder or ".") if _holds_weights(folder) else None)
    yield Workload(document, "hf-config", name, model, origins=origins)


def _name(data: Mapping[str, object], folder: str, file: str) -> str:
    """`_name_or_path` if it is a name, else the folder that the file lies in, else the file."""
    stated = data.get("_name_or_path")
    if isinstance(stated, str) and stated.strip("./"):
        parts = [part for part in stated.split("/") if part]
        return stated if len(parts) <= 2 and not stated.startswith((".", "/")) else parts[-1]
    return os.path.basename(os.path.abspath(folder)) if folder else os.path.basename(file)


def _dtype(data: Mapping[str, object]) -> tuple[str | None, Path]:
    """dtype of the checkpoint, of its language model if need be, and where it stands."""
    from planner.units import dtype

    for path in ((), *((key,) for key in TEXT)):
        inner = data.get(path[0]) if path else data
        if isinstance(inner, dict):
            for key in ("dtype", "torch_dtype"):
                found = dtype(inner.get(key))
                if found:
                    return found, (*path, key)
    return None, ()


def _origins(data: Mapping[str, object]) -> Iterator[tuple[str, Origin]]:
    """Where each hyper-parameter stands, in nested configs as well."""
    todo: list[tuple[Path, Mapping[str, object]]] = [((), data)]
    yield "model.architecture", Origin("key", ())
    while todo:
        path, values = todo.pop()
        for key, value in values.items():
            place = (*path, key)
            yield ".".join(("model.architecture", *map(str, place))), Origin("key", place)
            if isinstance(value, dict) and len(place) < 3 and key != "quantization_config":
                todo.append((place, value))


def _holds_weights(folder: str) -> bool:
    return any(name.endswith(CHECKPOINTS) for name in disk.listed(folder))
