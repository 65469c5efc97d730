"""Values of the Helm chart of vLLM's production stack: a list of models, each with its engine's options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.kubernetes import environment
from planner.formats.kubernetes.pods import Container

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

IMAGE = "vllm/vllm-openai"
OWN = frozenset(("v0", "v1", "extraArgs", "modelURL", "enableTool", "toolCallParser", "hfTokenSecret", "hfTokenName",
                 "port", "env"))  # fmt: skip
"""Keys that are no options of vLLM, or none that counts."""


def recognise(document: Document) -> bool:
    """Whether it has models with an address under `servingEngineSpec`."""
    return any(True for _ in _specs(document.data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """Each model that is served."""
    place = serving.Place(document, context, "production-stack")
    for spec, path in _specs(document.data):
        name = spec.get("name")
        container = _container(spec, path)
        launch = _launch(spec, path, environment.of(container, document, context))
        on = devices.of_container(container) if units.count(spec.get("requestGPU")) else devices.NONE
        yield devices.deployment(launch, place, on, name if isinstance(name, str) else None)


def _specs(data: object) -> Iterator[tuple[Mapping[str, object], Path]]:
    engines = data.get("servingEngineSpec") if isinstance(data, dict) else None
    specs = engines.get("modelSpec") if isinstance(engines, dict) else None
    for index, spec in enumerate(specs if isinstance(specs, list) else ()):
        if isinstance(spec, dict) and isinstance(spec.get("modelURL"), str):
            yield spec, ("servingEngineSpec", "modelSpec", index)


def _container(spec: Mapping[str, object], path: Path) -> Container:
    """The pod that the chart makes of a model; where Ray joins several, they hold it together."""
    config = spec.get("vllmConfig")
    nodes = units.count(config.get("pipelineParallelSize")) if isinstance(config, dict) and spec.get("raySpec") else 1
    resource = str(spec.get("requestGPUType") or "nvidia.com/gpu")
    values = {**spec, "resources": {"requests": {resource: spec.get("requestGPU")}}}
    terms = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": spec.get("nodeSelectorTerms")}}
    pod = {"nodeSelector": spec.get("nodeSelector"), "affinity": {"nodeAffinity": terms}}
    return Container(values, path, pod, path, str(spec.get("name")), nodes or 1)


def _launch(spec: Mapping[str, object], path: Path, variables: flags.Environment) -> flags.Launch:
    stated = spec.get("vllmConfig")
    config: Mapping[str, object] = stated if isinstance(stated, dict) else {}
    image = f"{spec.get('repository') or IMAGE}:{spec.get('tag') or 'latest'}"
    line = flags.words(config.get("extraArgs"), (*path, "vllmConfig", "extraArgs"))
    found = flags.find(line, variables, image, path) or flags.find(line, variables, IMAGE, path)
    launch = found or flags.Launch(flags.ENGINES["vllm"], {}, path)
    launch = devices.with_options(launch, **options(config, (*path, "vllmConfig")))
    return devices.with_model(launch, spec["modelURL"], (*path, "modelURL"), variables)


def options(config: Mapping[str, object], path: Path) -> dict[str, tuple[object, Path]]:
    """vLLM's options, by its own names, of keys such as maxModelLen, and where each stands."""
    return {
        _underscored(key): (value, (*path, key))
        for key, value in config.items()
        if key not in OWN and value not in (None, "")
    }


def _underscored(key: str) -> str:
    """max_model_len of maxModelLen."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", key).lower()
