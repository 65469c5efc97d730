"""KServe: inference services of language models, by their own API or as pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.kubernetes import command, environment
from planner.formats.kubernetes.pods import Container, containers
from planner.formats.values import below
from planner.workload import NotChecked, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

GROUP = "serving.kserve.io/"
RUNTIMES = frozenset({"ServingRuntime", "ClusterServingRuntime", "LLMInferenceServiceConfig"})
"""What services are made from: an engine without a model."""
FORMATS = frozenset({"huggingface", "vllm"})
"""Model formats whose runtimes are vLLM."""
MORE_ARGUMENTS = "VLLM_ADDITIONAL_ARGS"
"""Variable whose content is added to the command of an `LLMInferenceService`."""
PARALLELISM = {
    "tensor": "tensor_parallel_size",
    "pipeline": "pipeline_parallel_size",
    "data": "data_parallel_size",
    "expert": "enable_expert_parallel",
}
OF_SERVICES = NotChecked("model", "a runtime serves the models of services, which stand elsewhere", "", "deployment")
OF_NIM = NotChecked("serving", "NVIDIA NIM chooses engine and precision by the hardware that it finds", "", "")


def recognise(document: Document) -> bool:
    """Whether it is an object of KServe with an engine for language models."""
    data = document.data
    if not isinstance(data, dict) or not str(data.get("apiVersion")).startswith(GROUP):
        return False
    if data.get("kind") == "LLMInferenceService":
        return any(True for _ in _parts(data))
    return (
        _is_nim(data)
        or _model_spec(data) is not None
        or _is_runtime(data)
        or any(command.launch(each, {}) for each in containers(data))
    )


def read(document: Document, context: Context) -> Iterator[Workload]:
    """Each deployment of the object."""
    data, place = document.data, serving.Place(document, context, "kserve")
    kind, spec = data.get("kind"), _model_spec(data)
    if kind == "LLMInferenceService":
        for part, path in _parts(data):
            yield _of_service(part, path, place)
    elif _is_nim(data):
        yield Workload(document, "kserve", command.name(data), not_checked=(OF_NIM,))
    elif spec is not None:
        yield _of_predictor(spec, place)
    else:
        deployments = list(_of_pods(data, place))
        yield from deployments
        if not deployments and _is_runtime(data):
            yield Workload(document, "kserve", command.name(data), not_checked=(OF_SERVICES,))


def _is_nim(data: Mapping[str, object]) -> bool:
    return str(below(data, "spec", "predictor", "model", "modelFormat").get("name")).startswith("nvidia-nim-")


def _model_spec(data: Mapping[str, object]) -> Mapping[str, object] | None:
    """The model of a predictor whose runtime is vLLM."""
    model = below(data, "spec", "predictor", "model")
    name = str(below(model, "modelFormat").get("name")).lower()
    return model if data.get("kind") == "InferenceService" and name in FORMATS else None


def _is_runtime(data: Mapping[str, object]) -> bool:
    """Whether it is a runtime for language models: by the formats that it takes, or by the container of its engine."""
    if str(data.get("kind")) not in RUNTIMES:
        return False
    listed = below(data, "spec").get("supportedModelFormats")
    names = [each.get("name") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if any(str(name).lower() in FORMATS or str(name).startswith("nvidia-nim-") for name in names):
        return True
    return any("vllm serve" in word.text for each in containers(data) for word in command.line(each))


def _of_pods(data: Mapping[str, object], place: serving.Place) -> Iterator[Workload]:
    """Containers that start an engine by a command of their own."""
    for container in containers(data):
        launch = command.launch(container, environment.of(container, place.document, place.context))
        if launch is None:
            continue
        if str(data.get("kind")) in RUNTIMES and _is_open(launch):
            yield Workload(place.document, place.format, command.name(data), not_checked=(OF_SERVICES,))
            return
        yield devices.deployment(launch, place, devices.of_container(container), command.name(data))


def _is_open(launch: flags.Launch) -> bool:
    """Whether its model is a variable, or the folder into which a service's model is put."""
    model = launch.options.get("model")
    return model is None or bool(model.missing) or str(model.value).startswith("/mnt/models")


def _of_predictor(spec: Mapping[str, object], place: serving.Place) -> Workload:
    """A predictor: arguments for the runtime, and the model's address."""
    data: Mapping[str, object] = place.document.data
    path: Path = ("spec", "predictor", "model")
    container = Container(spec, path, below(data, "spec", "predictor"), ("spec", "predictor"), command.name(data))
    variables = environment.of(container, place.document, place.context)
    line = flags.words(spec.get("args"), (*path, "args"))
    launch = flags.find(line, variables, "vllm", path) or flags.Launch(flags.ENGINES["vllm"], {}, path)
    stated = launch.options.get("model_id")
    if stated is not None:
        launch = launch._replace(options={**launch.options, "model": stated})
    elif isinstance(spec.get("storageUri"), str):
        launch = devices.with_model(launch, _address(spec["storageUri"]), (*path, "storageUri"), variables)
    return devices.deployment(launch, place, devices.of_container(container), command.name(data))


def _address(uri: object) -> str:
    return str(uri).removeprefix("hf://")


def _parts(data: Mapping[str, object]) -> Iterator[tuple[Mapping[str, object], Path]]:
    """The parts of an `LLMInferenceService` that hold the model: the service itself, and what prefills for it."""
    spec = below(data, "spec")
    if not isinstance(below(spec, "model").get("uri"), str):
        return
    for part, path in ((spec, ("spec",)), (below(spec, "prefill"), ("spec", "prefill"))):
        if part and "inference-sim" not in str(_main(part).get("image")):
            yield part, path


def _main(part: Mapping[str, object]) -> Mapping[str, object]:
    listed = below(part, "template").get("containers")
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return next((each for each in found if each.get("name") == "main"), found[0] if found else {})


def _of_service(part: Mapping[str, object], path: Path, place: serving.Place) -> Workload:
    data: Mapping[str, object] = place.document.data
    model, sizes = below(data, "spec", "model"), below(part, "parallelism")
    values, pod = _main(part), below(part, "template")
    listed = pod.get("containers")
    index = listed.index(values) if isinstance(listed, list) and values in listed else 0
    where: Path = (*path, "template", "containers", index)
    container = Container(values, where, pod, (*path, "template"), command.name(data), _pods(sizes))
    variables = environment.of(container, place.document, place.context)
    more = variables.get(MORE_ARGUMENTS)
    line = command.line(container)
    if more is not None and more.value:
        line += flags.words(more.value, more.path or where)
    image = values.get("image")
    launch = flags.find(line, variables, image if isinstance(image, str) else None, where)
    launch = launch or flags.find(line, variables, "vllm", where) or flags.Launch(flags.ENGINES["vllm"], {}, path)
    stated: dict[str, tuple[object, Path]] = {
        PARALLELISM[key]: (value, (*path, "parallelism", key)) for key, value in sizes.items() if key in PARALLELISM
    }
    launch = devices.with_options(launch, **stated)
    launch = devices.with_model(launch, *_model(model), variables)
    name = command.name(data) + (" (prefill)" if path[-1] == "prefill" else "")
    return devices.deployment(launch, place, devices.of_container(container), name)


def _model(model: Mapping[str, object]) -> tuple[str, Path]:
    """From its address on the Hub; elsewhere the name that it is served by says more than the address."""
    uri, name = str(model["uri"]), model.get("name")
    if not uri.startswith("hf://") and isinstance(name, str) and "/" in name:
        return name, ("spec", "model", "name")
    return _address(uri), ("spec", "model", "uri")


def _pods(sizes: Mapping[str, object]) -> int:
    """Pods that serve together: ranks of data parallelism beyond one pod's, stages of a pipeline."""
    data, local = units.count(sizes.get("data")) or 1, units.count(sizes.get("dataLocal"))
    return max(1, data // (local or data)) * (units.count(sizes.get("pipeline")) or 1)
