"""Kubernetes: every pod of a manifest that starts an engine, whatever kind of object holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import serving, unread
from planner.formats.kubernetes import accelerators, command, environment
from planner.formats.kubernetes.pods import Container, containers

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import NotChecked, Workload

READ_ELSEWHERE = ("serving.kserve.io/", "kubeai.org/", "ray.io/", "kaito.sh/", "ome.io/", "apiextensions.k8s.io/")
"""Groups whose objects hold more than pods."""
MEND = "give it a value in `env`, or in a ConfigMap of this file"


def recognise(document: Document) -> bool:
    """Whether it is an object with a pod that starts an engine."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        return False
    group = data.get("apiVersion")
    if not isinstance(group, str) or group.startswith(READ_ELSEWHERE):
        return False
    return any(command.launch(each, {}) or command.unread(each) for each in containers(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One deployment for each container that starts an engine. How many pods of a kind there are does not matter."""
    found = [each for each in containers(document.data) if command.launch(each, {}) or command.unread(each)]
    place = serving.Place(document, context, "kubernetes", MEND)
    said: set[NotChecked] = set()
    for container in found:
        launch = command.launch(container, environment.of(container, document, context))
        if launch is None:
            missing = command.unread(container)
            if missing is not None and missing not in said:
                said.add(missing)
                yield unread.workload(missing, _name(document, container, len(found)), place, container.path)
            continue
        devices = _alone(accelerators.of(container), container)
        outcome = serving.from_launch(launch, devices.hardware, place)
        for field, origin in devices.origins.items():
            outcome.origins.setdefault(field, origin)
        workload = serving.workload(_name(document, container, len(found)), outcome, place)
        yield workload._replace(problems=devices.problems)


def _alone(devices: accelerators.Devices, container: Container) -> accelerators.Devices:
    """`devices` without their number where several engines of a script share them: who has which is not known."""
    if devices.hardware is None or devices.hardware.count is None or command.engines(container) < 2:
        return devices
    origins = {key: value for key, value in devices.origins.items() if key != "deployment.hardware.count"}
    return devices._replace(hardware=devices.hardware._replace(count=None), origins=origins)


def _name(document: Document, container: Container, several: int) -> str:
    """The object's name, and the container's where there are several."""
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    parts = [name, container.role if several > 1 else None]
    return "/".join(part for part in parts if isinstance(part, str)) or container.role or document.data["kind"]
