"""Kaito's workspaces: a preset of a model on machines of Azure, or a pod of one's own on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving, unread
from planner.formats.kubernetes import command, environment
from planner.formats.kubernetes.pods import Container, containers
from planner.formats.values import below, word
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

TRANSFORMERS = flags.Table(
    "transformers",
    r"(?!)",
    r"(?!)",
    {"pretrained_model_name_or_path": "model.name", "dtype": "model.dtype"},
    {"torch_dtype": "dtype"},
    frozenset({"trust_remote_code", "allow_remote_files"}),
)
"""Kaito's own server, in its image for models that have no preset."""
SERVER = "inference_api.py"
UNNAMED = "its preset names no model"
TUNING = NotChecked("training", "what a preset for fine-tuning trains with stands in its image", "", "")


def recognise(document: Document) -> bool:
    """Whether it is a workspace with a model."""
    data = document.data
    if not isinstance(data, dict) or not str(data.get("apiVersion")).startswith("kaito.sh/"):
        return False
    return data.get("kind") in ("Workspace", "InferenceSet") and any(True for _ in _jobs(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """What the workspace serves or tunes."""
    place = serving.Place(document, context, "kaito")
    for job, values, path in _jobs(document.data):
        preset = values.get("preset")
        if isinstance(preset, dict) and isinstance(preset.get("name"), str):
            yield _preset(job, preset["name"], (*path, "preset", "name"), place)
        elif pods := list(_pods(values, path, place)):
            yield from pods
        else:
            because = "its template starts no engine that planner knows" if "template" in values else UNNAMED
            missing = NotChecked("serving" if job == "inference" else "training", because, "", "deployment")
            yield unread.workload(missing, _name(document, job), place, path)


def _jobs(data: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object], Path]]:
    """(inference or tuning, its section, where), of a workspace or of the template of several."""
    template = below(data, "spec", "template")
    for root, path in ((data, ()), (template, ("spec", "template"))):
        for job in ("inference", "tuning"):
            values = root.get(job)
            if isinstance(values, dict) and ("preset" in values or "template" in values):
                yield job, values, (*path, job)


def _preset(job: str, name: str, path: Path, place: serving.Place) -> Workload:
    """vLLM with a preset: on all devices of a machine, machines in a pipeline, with the longest context that fits."""
    on, machines = _machines(place.document.data, path)
    launch = devices.with_model(flags.Launch(flags.ENGINES["vllm"], {}, path[:-1]), _model(name), path)
    launch = devices.with_options(launch, max_model_len=("auto", path))
    if on.hardware is not None and on.hardware.count and on.path is not None:
        launch = devices.with_options(
            launch,
            tensor_parallel_size=(on.hardware.count // machines, on.path),
            pipeline_parallel_size=(machines, on.path),
        )
    found = devices.deployment(launch, place, on, _name(place.document, name))
    if job == "tuning":
        return found._replace(serving=None, not_checked=(*found.not_checked, TUNING))
    return found


def _model(preset: str) -> str:
    """The model of a preset: gemma-3-27b-instruct is gemma-3-27b-it."""
    return re.sub(r"^(gemma-.*)-instruct$", r"\1-it", preset)


def _machines(data: Mapping[str, object], path: Path) -> tuple[devices.Devices, int]:
    """The accelerators of all machines, and how many machines there are."""
    for root, where in ((data, ()), (below(data, "spec", "template"), ("spec", "template"))):
        resource = below(root, "resource")
        kind, number = resource.get("instanceType"), units.count(resource.get("count")) or 1
        if isinstance(kind, str):
            return devices.devices((*where, "resource", "instanceType"), instance=kind, count=number), number
    return devices.NONE, 1


def _name(document: Document, preset: str) -> str:
    return word(below(document.data, "metadata").get("name")) or preset


def _pods(values: Mapping[str, object], path: Path, place: serving.Place) -> Iterator[Workload]:
    """Containers of a template that start an engine, on the machines of the workspace."""
    on, _ = _machines(place.document.data, path)
    for each in containers(values):
        container = each._replace(path=(*path, *each.path), pod_path=(*path, *each.pod_path))
        variables = environment.of(container, place.document, place.context)
        launch = command.launch(container, variables) or _own_server(container, variables)
        if launch is not None:
            yield devices.deployment(launch, place, on, _name(place.document, container.role))


def _own_server(container: Container, variables: flags.Environment) -> flags.Launch | None:
    """The launch of Kaito's own server."""
    words = command.line(container)
    start = next((index for index, word in enumerate(words) if word.text.endswith(SERVER)), None)
    if start is None:
        return None
    return flags.Launch(TRANSFORMERS, flags.read(words[start + 1 :], TRANSFORMERS, variables), container.path)
