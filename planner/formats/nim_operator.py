"""NVIDIA's NIM operator: services, and caches that fetch what a service needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import devices, flags, serving
from planner.formats.kubernetes import command, environment
from planner.formats.kubernetes.pods import Container
from planner.formats.values import below

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

GROUP = "apps.nvidia.com/"


def recognise(document: Document) -> bool:
    """Whether it is a service or a cache of a NIM that is made for a language model."""
    data = document.data
    if not isinstance(data, dict) or not str(data.get("apiVersion")).startswith(GROUP):
        return False
    return any(True for _ in _containers(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The service. What a NIM takes is its own choice, and said to be."""
    place = serving.Place(document, context, "nim-operator")
    for container in _containers(document.data):
        launch = command.launch(container, environment.of(container, document, context))
        if launch is not None:
            yield devices.deployment(launch, place, devices.of_container(container), command.name(document.data))


def _containers(data: Mapping[str, object]) -> Iterator[Container]:
    """The object as the container that the operator makes of it; none for other images than those of NIMs."""
    spec = below(data, "spec")
    path: Path = ("spec",)
    if data.get("kind") == "NIMService":
        image = below(spec, "image")
        name = f"{image.get('repository')}:{image.get('tag')}" if image.get("tag") else image.get("repository")
    else:
        name = below(spec, "source", "ngc").get("modelPuller") if data.get("kind") == "NIMCache" else None
    table = flags.by_image(name) if isinstance(name, str) else None
    if table is not None and table.engine == "nim":
        yield Container({**spec, "image": name}, path, spec, path, command.name(data))
