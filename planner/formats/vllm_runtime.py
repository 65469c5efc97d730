"""`VLLMRuntime` of the production stack's operator: a model, vLLM's options, and the pod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.kubernetes import command, environment
from planner.formats.kubernetes.pods import Container
from planner.formats.production_stack import options
from planner.formats.values import below

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

GROUP = "production-stack.vllm.ai/"


def recognise(document: Document) -> bool:
    """Whether it is a runtime with the address of a model."""
    data = document.data
    if not isinstance(data, dict) or not str(data.get("apiVersion")).startswith(GROUP):
        return False
    return data.get("kind") == "VLLMRuntime" and isinstance(below(data, "spec", "model").get("modelURL"), str)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one deployment that it is."""
    data, place = document.data, serving.Place(document, context, "vllm-runtime")
    model, config = below(data, "spec", "model"), below(data, "spec", "vllmConfig")
    container = _container(data)
    variables = environment.of(container, document, context)
    line = flags.words(config.get("extraArgs"), ("spec", "vllmConfig", "extraArgs"))
    image = str(container.values.get("image"))
    path: Path = ("spec",)
    launch = flags.find(line, variables, image, path) or flags.find(line, variables, "vllm", path)
    launch = launch or flags.Launch(flags.ENGINES["vllm"], {}, path)
    for values, where in ((model, ("spec", "model")), (config, ("spec", "vllmConfig"))):
        launch = devices.with_options(launch, **options(values, where))
    launch = devices.with_model(launch, model["modelURL"], ("spec", "model", "modelURL"), variables)
    yield devices.deployment(launch, place, devices.of_container(container), command.name(data))


def _container(data: Mapping[str, object]) -> Container:
    """The pod that the operator makes of it."""
    pod = below(data, "spec", "deploymentConfig")
    asked = below(pod, "resources")
    resource = str(asked.get("gpuType") or "nvidia.com/gpu")
    path: Path = ("spec", "deploymentConfig")
    values = {
        "image": below(pod, "image").get("name"),
        "env": below(data, "spec", "vllmConfig").get("env"),
        "resources": {"requests": {resource: asked.get("gpu")}} if units.count(asked.get("gpu")) else {},
    }
    return Container(values, path, pod, path, command.name(data))
