"""What a container runs: the engine that its command, or the entry point of its image, starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.formats import flags
from planner.formats.values import below, word

if TYPE_CHECKING:
    from planner.formats.kubernetes.pods import Container
    from planner.workload import NotChecked


def line(container: Container) -> list[flags.Word]:
    """The words of its command and of its arguments."""
    return [
        word for key in ("command", "args") for word in flags.words(container.values.get(key), (*container.path, key))
    ]


def launch(container: Container, variables: flags.Environment, image: str | None = None) -> flags.Launch | None:
    """The engine that a container starts; `image` stands in for one that the object does not name."""
    stated = container.values.get("image")
    image = stated if isinstance(stated, str) else image
    return flags.find(line(container), variables, image, container.path)


def unread(container: Container) -> NotChecked | None:
    """Why a container that serves language models is not checked; None where it serves none, or is."""
    from planner.formats import unread
    from planner.formats.kubernetes.accelerators import asks

    words, image = line(container), container.values.get("image")
    return unread.found(words, image) or (unread.started(words, image) if asks(container) else None)


def engines(container: Container) -> int:
    """How many engines the commands of a container start; Ollama's loads a model after it has started."""
    return flags.count(line(container))


def name(data: Mapping[str, object]) -> str:
    """The name of an object, or else its kind."""
    return word(below(data, "metadata").get("name")) or word(data.get("kind")) or "object"
