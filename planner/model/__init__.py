"""What a model is: from a Hugging Face `config.json` to a stack of layers (`planner.model.stack`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.model.config import Config
    from planner.model.stack import Architecture


def read(config: Mapping[str, object]) -> Architecture:
    """The architecture that the keys of a `config.json` describe. Raises `ConfigError`, and nothing else."""
    from planner.model.config import Config

    return architecture(Config(config))


def architecture(config: Config) -> Architecture:
    """The same from a `Config`: by its type's family, else its class, else the language model in it, else as Llama."""
    from planner.model import families
    from planner.model.families import common

    family = families.find(config.model_type)
    if family is not None:
        return _headless(family(config)) if _is_bare(config) else family(config)
    similar = next((found for name in _classes(config) if (found := families.of_class(name))), None)
    if similar is not None:
        note = f"unknown model_type {config.model_type}: read as {similar}, as its architectures say"
        return _noted(architecture(config.as_type(similar)), config, note)
    text = common.text_of(config)
    if text is not None:
        what = config.model_type if config.known else f"unknown model_type {config.model_type}"
        note = f"{what}: only its language model is counted"
        return common.wrapped(config, architecture(text), (), (note,))
    if config.known:
        raise config.error("model_type", f"is {config.model_type}, which planner cannot read as a language model")
    from planner.model.families.llama import generic

    return generic(config)


def _classes(config: Config) -> tuple[str, ...]:
    names = config.get("architectures")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, (list, tuple)) else ()


def _is_bare(config: Config) -> bool:
    """Whether `architectures` names a decoder without its head (MistralModel), as checkpoints for embeddings do.

    Repositories with code of their own call the whole model so (ChatGLMModel).
    """
    from planner.model.defaults import record

    names = _classes(config)
    if len(names) != 1 or config.prefix or "source" in (record(config.model_type) or {}):
        return False
    return names[0].lower() == config.model_type.replace("_", "").replace("-", "") + "model"


def _headless(found: Architecture) -> Architecture:
    head = any(tensor.kind == "head" for tensor in found.outside)
    note = ("no output head: its architectures name the bare model",) if head else ()
    outside = tuple(tensor for tensor in found.outside if tensor.kind != "head")
    return found._replace(outside=outside, notes=(*found.notes, *note))


def _noted(found: Architecture, config: Config, note: str) -> Architecture:
    return found._replace(model_type=config.model_type, notes=(*found.notes, note))
