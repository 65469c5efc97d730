"""What would be a config but for a section that is text, a number or a list: that is said, and no more is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.formats.values import below, word
from planner.model.config import shown
from planner.workload import NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

OBJECTS = {
    "ome.io/": ("BaseModel", "ClusterBaseModel", "InferenceService", "ServingRuntime", "ClusterServingRuntime"),
    "kubeai.org/": ("Model",),
    "llmaz.io/": ("OpenModel",),
    "inference.llmaz.io/": ("Playground", "BackendRuntime"),
    "serving.kserve.io/": ("LLMInferenceService",),
    "apps.nvidia.com/": ("NIMService", "NIMCache"),
    "production-stack.vllm.ai/": ("VLLMRuntime",),
    "model.aibrix.ai/": ("ModelClaim",),
    "kaito.sh/": ("Workspace", "InferenceSet"),
}
"""Kinds of objects that are about language models whatever they hold, by the group of their API."""
SECTIONS = ("spec", "inference", "tuning")
"""Where such an object says which."""


def recognise(document: Document) -> bool:
    """Whether it is such an object in everything but its shape."""
    return any(True for _ in _sections(document.data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One workload of which nothing is checked."""
    name = word(below(document.data, "metadata").get("name")) or "config"
    yield unread(document, "misshapen", name, _sections(document.data))


def unread(document: Document, kind: str, name: str, sections: Iterable[str]) -> Workload:
    """A config of whose `sections`, which should be mappings, nothing can be read."""
    places = {section: Origin("key", (section,)) for section in sections}
    stated = {section: shown(document.data[section]) for section in places}
    missing = (
        NotChecked("config", f"`{section}` is {value}, not a mapping", "write its keys below it", section)
        for section, value in stated.items()
    )
    return Workload(document, kind, name, origins=places, not_checked=tuple(missing))


def _sections(data: object) -> Iterator[str]:
    """The sections of a known object that are no mappings."""
    if not isinstance(data, dict):
        return
    group, kind = word(data.get("apiVersion")), word(data.get("kind"))
    if any(group.startswith(name) and kind in kinds for name, kinds in OBJECTS.items()):
        yield from (name for name in SECTIONS if name in data and not isinstance(data[name], (dict, type(None))))
