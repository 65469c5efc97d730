"""Language models that see or hear: the text family's layers, and towers and projectors beside them."""

from __future__ import annotations

from collections.abc import Mapping

from planner.model import architecture
from planner.model.config import Config
from planner.model.defaults import record
from planner.model.families import common, towers
from planner.model.families.towers.projectors import Projector, nothing
from planner.model.stack import Architecture, Tensor
from planner.record import NamedTuple


class Part(NamedTuple):
    """A tower and the way from it into the language model."""

    prefix: str
    """Where checkpoints keep the tower: "vision_tower", "visual"."""
    kind: str
    """Type of the tower where the config names none of its own."""
    projector: Projector = nothing
    key: str = "vision_config"
    fixed: bool = True
    """Always of `kind`, whatever type the tower's config names."""
    optional: bool = False
    """Null or missing: there is none."""


def language(config: Config) -> Config:
    """The language model's keys, which flat configs keep in the outer one.

    Whether the head is tied is said by the wrapper, else by them, else by the wrapper's class.
    """
    text = common.text_of(config) or config.as_type(inner_type(config))
    if text.states("tie_word_embeddings") or config.get("tie_word_embeddings") is None:
        return text
    return text.with_values(tie_word_embeddings=config.flag("tie_word_embeddings"))


def inner_type(config: Config) -> str:
    """The type of language model that the wrapper's class has inside."""
    nested = (record(config.model_type) or {}).get("nested")
    text = nested.get("text_config") if isinstance(nested, Mapping) else None
    found = text.get("model_type") if isinstance(text, Mapping) else None
    if not isinstance(found, str) or not config.states("hidden_size"):
        raise config.error("text_config", "is missing")
    return found


def foreign(config: Config, part: Part) -> str:
    """The type that the tower's config names, if it is none that could stand here."""
    stated = config.mapping(part.key).get("model_type")
    if part.fixed or not isinstance(stated, str) or stated in ("", config.model_type):
        return ""
    return "" if towers.find(stated) else stated


def read_part(config: Config, text: Config, part: Part) -> tuple[tuple[Tensor, ...], str]:
    """Tower and projector; a note instead where nobody here knows the tower's type.

    Checkpoints older than the tower's own type give it no type, or the wrapper's.
    """
    absent = part.optional and not isinstance(config.get(part.key), Mapping)
    inner = None if absent else config.nested(part.key, part.kind)
    if inner is None:
        return (), ""
    if part.fixed or inner.model_type in ("", config.model_type):
        inner = inner.as_type(part.kind)
    reader = towers.find(inner.model_type)
    if reader is None or foreign(config, part):
        return (), f"{part.prefix} of type {foreign(config, part) or inner.model_type} is not counted"
    return (*reader(inner, part.prefix), *part.projector(config, text, inner)), ""


def attach(config: Config, text: Config, found: Architecture, parts: tuple[Part, ...]) -> Architecture:
    """`found` with its towers beside it."""
    read = [read_part(config, text, part) for part in parts]
    tensors = tuple(tensor for some, _ in read for tensor in some)
    return common.wrapped(config, found, tensors, tuple(note for _, note in read if note))


def wrapper(config: Config, parts: tuple[Part, ...]) -> Architecture:
    """The language model, its towers and the projectors between them."""
    text = language(config)
    return attach(config, text, architecture(text), parts)
