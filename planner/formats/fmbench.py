"""FMBench: experiments that deploy a model on an instance of AWS and measure it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import devices, flags, serving
from planner.formats.values import below, word
from planner.workload import NotChecked, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

BATCHING = {"vllm": "vllm", "lmi-dist": "vllm", "trtllm": "tensorrt-llm"}
"""`option.rolling_batch` of DJL Serving, and the engine that it is; lmi-dist is built on vLLM."""
LONGEST_THAT_FITS = frozenset({"lmi-dist"})
"""Engines of its own that are not known to refuse the model's own context where it has no room, as vLLM does."""
CONTAINERS = {"vllm": "vllm", "vllm_gpu": "vllm", "triton": "tensorrt-llm", "ollama": "ollama"}
"""`container_type` of an experiment on EC2."""
OPTIONS = {
    "vllm": {
        "tensor_parallel_degree": "tensor_parallel_size",
        "max_model_len": "max_model_len",
        "max_rolling_batch_size": "max_num_seqs",
        "gpu_memory_utilization": "gpu_memory_utilization",
        "enforce_eager": "enforce_eager",
        "quantize": "quantization",
        "dtype": "dtype",
    },
    "tensorrt-llm": {"tensor_parallel_degree": "tp_size"},
}
"""DJL's options (`option.…` of serving.properties), and what the engines call them."""
DEGREE = {"vllm": "tensor_parallel_size", "tensorrt-llm": "tp_size"}
MORE_ARGUMENTS = ("inference_spec", "cli_params")
ELSEWHERE = NotChecked("serving", "an endpoint that is there already serves it", "", "")
NO_ENGINE = NotChecked(
    "serving", "which engine serves it is not stated", "set option.rolling_batch, or container_type", ""
)


def recognise(document: Document) -> bool:
    """Whether it has experiments with a model on an instance, and a script by which FMBench asks it."""
    return any(True for _ in _experiments(document.data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """Each experiment. Copies of the model do not matter: each has devices of its own."""
    place = serving.Place(
        document, context, "fmbench", "give it a value in this file; FMBench fills it in when it runs"
    )
    for values, path in _experiments(document.data):
        yield from _of_experiment(values, path, place)


def _experiments(data: object) -> Iterator[tuple[Mapping[str, object], Path]]:
    listed = data.get("experiments") if isinstance(data, dict) else None
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict) and {"model_id", "instance_type", "inference_script"} <= entry.keys():
            yield entry, ("experiments", index)


def _of_experiment(values: Mapping[str, object], path: Path, place: serving.Place) -> Iterator[Workload]:
    properties = dict(_properties(values.get("serving.properties")))
    name, where = _model(values, properties, path)
    title = word(values.get("name")) or str(name)
    launch = _launch(values, properties, path)
    if launch is None or not values.get("deploy"):
        found = devices.of_own_code(name, where, place, title)
        if found is not None:
            yield found._replace(not_checked=(NO_ENGINE if values.get("deploy") else ELSEWHERE,))
        return
    yield devices.deployment(devices.with_model(launch, name, where), place, _instance(values, path), title)


def _properties(text: object) -> Iterator[tuple[str, str]]:
    """The options in the text of a serving.properties."""
    for line in text.splitlines() if isinstance(text, str) else ():
        key, equals, value = line.strip().partition("=")
        if equals and key.startswith("option."):
            yield key.removeprefix("option."), value.strip()


def _model(values: Mapping[str, object], properties: Mapping[str, str], path: Path) -> tuple[str, Path]:
    """The model that is loaded: by its name on the Hub, wherever it stands, else the experiment's own."""
    loaded, stated = properties.get("model_id", ""), values.get("model_id")
    if "/" in loaded and "://" not in loaded:
        return loaded, (*path, "serving.properties")
    environment = below(values, "env").get("HF_MODEL_ID")
    if isinstance(environment, str):
        return environment, (*path, "env", "HF_MODEL_ID")
    name = (
        stated if isinstance(stated, str) else f"<{next(iter(stated), 'model_id')}>" if isinstance(stated, dict) else ""
    )
    return name or "<model_id>", (*path, "model_id")


def _launch(values: Mapping[str, object], properties: Mapping[str, str], path: Path) -> flags.Launch | None:
    """The engine, by DJL's options, by the kind of the container or by its image."""
    image = values.get("image_uri")
    table = flags.by_image(image) if isinstance(image, str) else None
    container = str(below(values, "inference_spec").get("container_type")).lower()
    batching = properties.get("rolling_batch", "")
    engine = BATCHING.get(batching) or CONTAINERS.get(container) or (table.engine if table else None)
    if engine not in flags.ENGINES:
        return None
    stated = below(values, *MORE_ARGUMENTS[:1]).get(MORE_ARGUMENTS[1])
    line = flags.words(stated, (*path, *MORE_ARGUMENTS))
    options = flags.read(line, flags.ENGINES[engine], {})
    launch = flags.Launch(flags.ENGINES[engine], options, path, image=image if isinstance(image, str) else "")
    launch = launch._replace(version=flags.version(launch.table, launch.image))
    where: Path = (*path, "serving.properties")
    names = OPTIONS.get(engine, {})
    launch = devices.with_options(
        launch, **{names[key]: (each, where) for key, each in properties.items() if key in names}
    )
    if batching in LONGEST_THAT_FITS:
        launch = devices.with_options(launch, max_model_len=("auto", where))
    degree = below(values, "inference_spec").get("tp_degree")
    if degree is not None and engine in DEGREE:
        launch = devices.with_options(launch, **{DEGREE[engine]: (degree, (*path, "inference_spec", "tp_degree"))})
    return launch


def _instance(values: Mapping[str, object], path: Path) -> devices.Devices:
    """The accelerators of the instance; SageMaker's names begin with "ml."."""
    kind = values.get("instance_type")
    if not isinstance(kind, str):
        return devices.NONE
    return devices.devices((*path, "instance_type"), instance=kind.removeprefix("ml."))
