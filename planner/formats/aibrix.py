"""AIBrix' claims: a model for a pool of pods that share their accelerators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import devices, flags, serving
from planner.formats.kubernetes import command
from planner.formats.values import below, word

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import Workload

GROUP = "model.aibrix.ai/"
HUB = ("huggingface://", "hf://")


def recognise(document: Document) -> bool:
    """Whether it claims a model for an engine that is known."""
    data = document.data
    if not isinstance(data, dict) or not str(data.get("apiVersion")).startswith(GROUP):
        return False
    spec = below(data, "spec")
    known = (word(spec.get("engine")) or "vllm") in flags.ENGINES
    return data.get("kind") == "ModelClaim" and isinstance(spec.get("artifactURL"), str) and known


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one deployment that it is; its accelerators are those of the pool, which stands elsewhere."""
    spec = below(document.data, "spec")
    path = ("spec", "engineConfig", "args")
    stated = {str(flag).lstrip("-"): value for flag, value in below(spec, "engineConfig", "args").items()}
    launch = flags.from_options((word(spec.get("engine")) or "vllm"), stated, path)
    address = word(spec["artifactURL"])
    for prefix in HUB:
        address = address.removeprefix(prefix)
    launch = devices.with_model(launch, address, ("spec", "artifactURL"))
    yield devices.deployment(launch, serving.Place(document, context, "aibrix"), name=command.name(document.data))
