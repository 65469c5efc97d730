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
    """The same from a `Config`: by its type's family, else by the language model in it, else as a Llama-like decoder."""
    from planner.model import families
    from planner.model.families import common

    family = families.find(config.model_type)
    if family is not None:
        return family(config)
    text = common.text_of(config)
    if text is not None:
        note = f"unknown model_type {config.model_type}: only its language model is counted"
        return common.wrapped(config, architecture(text), (), (note,))
    from planner.model.families.llama import generic

    return generic(config)
