"""Truss, Baseten's packaging of models: a TensorRT-LLM engine to build, or the command of a server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.values import below
from planner.workload import Origin

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path
    from planner.workload import Workload

OPTIONS = {
    "max_seq_len": "max_seq_len",
    "max_num_tokens": "max_num_tokens",
    "max_batch_size": "max_batch_size",
    "tensor_parallel_count": "tp_size",
    "tensor_parallel_size": "tp_size",
    "kv_cache_free_gpu_mem_fraction": "kv_cache_free_gpu_memory_fraction",
}
"""Keys of `trt_llm.build` and `trt_llm.runtime`, and what the engine calls them."""
SCHEMES = {
    "weights_int8": ("int8", None),
    "weights_kv_int8": ("int8", "int8"),
    "weights_int4": ("int4", None),
    "weights_int4_kv_int8": ("int4", "int8"),
    "smooth_quant": ("int8", None),
    "fp8": ("fp8", None),
    "fp8_kv": ("fp8", "float8"),
    "fp4": ("nvfp4", None),
    "fp4_kv": ("nvfp4", "float8"),
    "fp4_mlp_only": (None, None),
}
"""`quantization_type`: the method of the weights, and the dtype of the KV cache where it is not the model's."""
CACHE = r"/app/model_cache/([^/]+)/?"
SLICES = {"H100_40GB": "H100-80GB 3g.40gb"}
"""Baseten's own names of accelerators."""


def recognise(document: Document) -> bool:
    """Whether it asks for an accelerator, and for an engine, a server or a model as Truss does."""
    data = document.data
    resources = data.get("resources") if isinstance(data, dict) else None
    if not isinstance(resources, dict) or not isinstance(resources.get("accelerator"), str):
        return False
    if isinstance(data.get("trt_llm"), dict) or "start_command" in below(data, "docker_server"):
        return True
    return "python_version" in data and _repository(data) is not None


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one deployment that it is."""
    place = serving.Place(document, context, "truss")
    build = below(below(document.data, "trt_llm"), "build")
    if build or "trt_llm" in document.data:
        yield _engine(document, build, place)
        return
    launch = _server(document.data) or _in_code(document.data)
    if launch is not None:
        launch = _of_cache(launch, document.data)
        yield devices.deployment(launch, place, _accelerator(document), _name(document))
        return
    stated = _repository(document.data)
    found = devices.of_own_code(*stated, place, _name(document)) if stated else None
    if found is not None:
        yield found


def _server(data: Mapping[str, object]) -> flags.Launch | None:
    """The engine that the command of the server starts."""
    command = below(data, "docker_server").get("start_command")
    image = below(data, "base_image").get("image")
    variables = below(data, "environment_variables")
    environment = {
        name: flags.Variable(str(value), ("environment_variables", name)) for name, value in variables.items()
    }
    path: Path = ("docker_server", "start_command")
    line = [flags.Word(command, path)] if isinstance(command, str) else []
    return flags.find(line, environment, image if isinstance(image, str) else None, path)


def _repository(data: Mapping[str, object]) -> tuple[str, Path] | None:
    """The repository of the model that code of one's own loads."""
    for key in ("repo_id", "hf_model_id", "tokenizer_repository"):
        name = below(data, "model_metadata").get(key)
        if isinstance(name, str) and "/" in name:
            return name, ("model_metadata", key)
    listed = data.get("model_cache")
    cached = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
    name = cached.get("repo_id") if isinstance(cached, dict) else None
    return (name, ("model_cache", 0, "repo_id")) if isinstance(name, str) else None


def _in_code(data: Mapping[str, object]) -> flags.Launch | None:
    """vLLM as code of one's own starts it, where its options stand in `vllm_config` as in Baseten's examples."""
    config = below(below(data, "model_metadata"), "vllm_config")
    stated = _repository(data)
    if not config or stated is None:
        return None
    path: Path = ("model_metadata", "vllm_config")
    launch = devices.with_model(flags.from_options("vllm", config, path), *stated)
    return launch._replace(version=_required(data))


def _required(data: Mapping[str, object]) -> tuple[int, ...] | None:
    """The version of vLLM that is installed: vllm==0.6.1."""
    from planner.formats.resolve import version

    listed = data.get("requirements")
    for line in listed if isinstance(listed, list) else ():
        name, pinned, number = str(line).partition("==")
        if pinned and name.strip() == "vllm":
            return version(number)
    return None


def _of_cache(launch: flags.Launch, data: Mapping[str, object]) -> flags.Launch:
    """`launch` of the repository whose files Truss puts into the folder that it names: /app/model_cache/FOLDER."""
    stated = launch.options.get("model")
    folder = re.fullmatch(CACHE, str(stated.value)) if stated is not None else None
    listed = data.get("model_cache")
    for index, entry in enumerate(listed if folder is not None and isinstance(listed, list) else ()):
        if folder is not None and isinstance(entry, dict) and entry.get("volume_folder") == folder[1]:
            return devices.with_model(launch, entry.get("repo_id"), ("model_cache", index, "repo_id"))
    return launch


def _engine(document: Document, build: Mapping[str, object], place: serving.Place) -> Workload:
    """An engine of TensorRT-LLM."""
    path: Path = ("trt_llm", "build")
    runtime = below(document.data["trt_llm"], "runtime")
    scheme = str(build.get("quantization_type"))
    method, cache = SCHEMES.get(scheme, (None, None))
    launch = flags.Launch(flags.ENGINES["tensorrt-llm"], {}, ("trt_llm",))
    for options, where in ((build, path), (runtime, ("trt_llm", "runtime"))):
        stated = {OPTIONS[key]: (value, (*where, key)) for key, value in options.items() if key in OPTIONS}
        launch = devices.with_options(launch, **stated)
    if method is not None:
        launch = devices.with_options(launch, quantization=(method, (*path, "quantization_type")))
    launch = _of_checkpoint(launch, below(build, "checkpoint_repository"))
    found = devices.deployment(launch, place, _accelerator(document), _name(document))
    if cache is None or found.serving is None:
        return found
    origins = {**found.origins, "deployment.kv_cache_dtype": Origin("key", (*path, "quantization_type"), note=scheme)}
    return found._replace(serving=found.serving._replace(kv_cache_dtype=cache), origins=origins)


def _of_checkpoint(launch: flags.Launch, repository: Mapping[str, object]) -> flags.Launch:
    """The launch with the repository of the checkpoint; of one in a bucket no more than the address is known."""
    name = repository.get("repo")
    path: Path = ("trt_llm", "build", "checkpoint_repository", "repo")
    return devices.with_model(launch, name, path) if isinstance(name, str) else launch


def _accelerator(document: Document) -> devices.Devices:
    """The devices that `resources` ask for: H100:2."""
    stated: str = document.data["resources"]["accelerator"]
    name, _, count = stated.partition(":")
    return devices.devices(("resources", "accelerator"), SLICES.get(name, name), units.count(count) or 1)


def _name(document: Document) -> str | None:
    stated = document.data.get("model_name")
    return stated if isinstance(stated, str) else None
