"""Values of llm-d's modelservice chart: one model, and pods that prefill and decode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving, unread
from planner.formats.kubernetes import command, environment
from planner.formats.kubernetes.pods import Container
from planner.formats.values import word
from planner.workload import Hardware, NotChecked

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

ROLES = ("decode", "prefill")
NAME = r'"?\{\{-?\s*\.Values\.modelArtifacts\.name\s*-?\}\}"?'
"""How values refer to the name, which the chart fills in."""
PARALLELISM = {
    "tensor": "tensor_parallel_size",
    "pipeline": "pipeline_parallel_size",
    "data": "data_parallel_size",
}


def recognise(document: Document) -> bool:
    """Whether it names a model under `modelArtifacts`, and pods that serve it."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("modelArtifacts"), dict):
        return False
    return _model(data) is not None and any(True for _ in _containers(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One deployment for each role."""
    place = serving.Place(document, context, "llm-d")
    model = _model(document.data)
    for container in _containers(document.data):
        launch = _launch(container, environment.of(container, document, context))
        if model is None:
            continue
        name = f"{model[0]} ({container.role})"
        if launch is None:
            yield unread.workload(_missing(container), name, place, container.path)
            continue
        launch = devices.with_model(_laid_out(launch, container), *model)
        yield devices.deployment(launch, place, _devices(container), name)


def _missing(container: Container) -> NotChecked:
    """Why a container that serves the model is not checked."""
    if unread.SIMULATOR in str(container.values.get("image")):
        return unread.SIMULATED
    because = "its command starts no engine that planner knows"
    return command.unread(container) or NotChecked("serving", because, unread.MEND, "deployment")


def _model(data: Mapping[str, object]) -> tuple[str, Path] | None:
    """The model: from its address on the Hub, else by its name."""
    stated = data["modelArtifacts"]
    artifacts: Mapping[str, object] = stated if isinstance(stated, dict) else {}
    name, address = artifacts.get("name"), artifacts.get("uri")
    if isinstance(address, str) and address.startswith("hf://"):
        filled = re.sub(NAME, word(name or ""), address).removeprefix("hf://")
        return filled, ("modelArtifacts", "uri")
    return (name, ("modelArtifacts", "name")) if isinstance(name, str) and name else None


def _containers(data: Mapping[str, object]) -> Iterator[Container]:
    """The containers that the chart gives the model to, in roles that are created."""
    for name in ROLES:
        role = data.get(name)
        if not isinstance(role, dict) or role.get("create") is False or role.get("replicas") == 0:
            continue
        listed = role.get("containers")
        for index, values in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(values, dict) and ("modelCommand" in values or "image" in values):
                yield Container(values, (name, "containers", index), _pod(role), (name,), name, 1, role, (name,))


def _pod(role: Mapping[str, object]) -> Mapping[str, object]:
    """The role with the accelerators that it asks for by a label."""
    asked = role.get("acceleratorTypes")
    if not isinstance(asked, dict):
        return role
    values = asked.get("labelValues") or [asked.get("labelValue")]
    rule = {"key": asked.get("labelKey"), "operator": "In", "values": values}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [rule]}]}
    return {**role, "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}


def _launch(container: Container, variables: flags.Environment) -> flags.Launch | None:
    """The engine of a container; vLLM where the chart writes its command."""
    found = command.launch(container, variables)
    if found is None and container.values.get("modelCommand") == "vllmServe":
        found = flags.find(command.line(container), variables, "vllm", container.path)
    return found


def _parallelism(container: Container) -> Mapping[str, object]:
    stated = container.around.get("parallelism")
    return stated if isinstance(stated, dict) else {}


def _laid_out(launch: flags.Launch, container: Container) -> flags.Launch:
    """`launch` with the parallelism that the chart adds to its options."""
    stated: dict[str, tuple[object, Path]] = {
        option: (value, (*container.around_path, "parallelism", key))
        for key, value in _parallelism(container).items()
        if (option := PARALLELISM.get(key))
    }
    return devices.with_options(launch, **stated)


def _devices(container: Container) -> devices.Devices:
    """What the container asks for, or else the number that its parallelism takes in one pod, as the chart does it."""
    found = devices.of_container(container)
    if found.hardware is not None and found.hardware.count:
        return found
    stated = _parallelism(container)
    number = (units.count(stated.get("tensor")) or 1) * (units.count(stated.get("dataLocal")) or 1)
    if not stated and found.hardware is None:
        return found
    known = found.hardware or Hardware()
    return devices.Devices(known._replace(count=number), found.path or container.around_path, found.note)
