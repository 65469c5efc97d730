"""OME: models, the runtimes that serve them, and services that join the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.kubernetes import command, environment
from planner.formats.kubernetes.pods import Container
from planner.formats.native import fields
from planner.formats.values import below, word
from planner.workload import NotChecked, Origin, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

GROUP = "ome.io/"
MODELS = frozenset({"BaseModel", "ClusterBaseModel"})
RUNTIMES = frozenset({"ServingRuntime", "ClusterServingRuntime"})
SECTIONS = {
    "ServingRuntime": ("engineConfig", "decoderConfig"),
    "ClusterServingRuntime": ("engineConfig", "decoderConfig"),
    "InferenceService": ("engine", "decoder"),
}
"""Where the pods of each kind stand: those that serve, or prefill, and those that decode."""
OPEN = "the model is whichever OME mounts"
NAME_IT = "give it by `--served-model-name owner/model`, or check the pods that OME makes"


def recognise(document: Document) -> bool:
    """Whether it is a model, a runtime with an engine, or a service."""
    data = document.data
    if not isinstance(data, dict) or not str(data.get("apiVersion")).startswith(GROUP):
        return False
    if str(data.get("kind")) in MODELS:
        return isinstance(below(data, "spec", "storage").get("storageUri"), str)
    if data.get("kind") == "InferenceService" and isinstance(below(data, "spec", "model").get("name"), str):
        return True
    return any(command.launch(each, {}) for each in _containers(data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The model itself, or each deployment of a runtime or a service."""
    place = serving.Place(document, context, "ome")
    if str(document.data.get("kind")) in MODELS:
        yield _of_model(place)
        return
    deployments = [found for each in _containers(document.data) if (found := _of_runner(each, place)) is not None]
    yield from deployments
    if not deployments:
        yield _of_service(place)


def _of_model(place: serving.Place) -> Workload:
    """A model as it is stored, served by nothing yet."""
    spec = below(place.document.data, "spec")
    path: Path = ("spec", "storage", "storageUri")
    address = word(below(spec, "storage")["storageUri"])
    launch = devices.with_model(flags.Launch(flags.ENGINES["sglang"], {}, path), address.removeprefix("hf://"), path)
    found = devices.deployment(launch, place, name=command.name(place.document.data))._replace(serving=None)
    size = fields.size(spec.get("modelParameterSize"))
    if size is None or found.model is None or found.model.config is not None or found.model.parameters is not None:
        return found
    origins = {**found.origins, "model.parameters": Origin("key", ("spec", "modelParameterSize"))}
    known = tuple(item for item in found.not_checked if item.what != "model")
    return found._replace(model=found.model._replace(parameters=size), origins=origins, not_checked=known)


def _containers(data: Mapping[str, object]) -> Iterator[Container]:
    """The runners: one pod's, or the leader's of a group, which serve with all its workers."""
    for section in SECTIONS.get(str(data.get("kind")), ()):
        pod = below(data, "spec", section)
        path: Path = ("spec", section)
        size = units.count(below(pod, "worker").get("size")) or 0
        for part, where, nodes in ((pod, path, 1), (below(pod, "leader"), (*path, "leader"), 1 + size)):
            runner = part.get("runner")
            if isinstance(runner, dict):
                yield Container(runner, (*where, "runner"), part, where, section, nodes)


def _of_runner(container: Container, place: serving.Place) -> Workload | None:
    """The deployment that a runner is. The model is mounted; the name that it is served by says which."""
    launch = command.launch(container, environment.of(container, place.document, place.context))
    if launch is None:
        return None
    data = place.document.data
    several = below(data, "spec", "decoderConfig") or below(data, "spec", "decoder")
    name = command.name(data) + (f" ({container.role.removesuffix('Config')})" if several else "")
    model, served = launch.options.get("model"), launch.options.get("served_model_name")
    if model is None or model.missing:
        if served is None or served.missing or "/" not in str(served.value):
            return Workload(place.document, place.format, name, not_checked=(NotChecked("model", OPEN, NAME_IT, ""),))
        launch = devices.with_model(_quantized(launch, data), served.value, served.path)
    return devices.deployment(launch, place, devices.of_container(container), name)


def _quantized(launch: flags.Launch, data: Mapping[str, object]) -> flags.Launch:
    """`launch` with the quantization of the one format of checkpoints that the runtime takes."""
    listed = below(data, "spec").get("supportedModelFormats")
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], dict):
        return launch
    stated = listed[0].get("quantization")
    path: Path = ("spec", "supportedModelFormats", 0, "quantization")
    return devices.with_options(launch, quantization=(stated, path)) if isinstance(stated, str) else launch


def _of_service(place: serving.Place) -> Workload:
    """A service that names a model and a runtime: objects of their own."""
    spec = below(place.document.data, "spec")
    model, runtime = below(spec, "model").get("name"), below(spec, "runtime").get("name")
    with_what = f"the runtime {runtime}" if isinstance(runtime, str) else "a runtime that OME chooses"
    because = f"the model {model} and {with_what} are objects of their own"
    missing = NotChecked("model", because, "check the files that define them", "")
    return Workload(place.document, place.format, command.name(place.document.data), not_checked=(missing,))
