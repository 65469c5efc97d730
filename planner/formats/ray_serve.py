"""Ray: LLM configs of Ray Serve, alone or in a RayService, and the models of RayLLM before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving
from planner.formats.kubernetes.pods import containers
from planner.formats.values import word
from planner.record import NamedTuple
from planner.workload import NotChecked, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

VARIABLES = {
    "MODEL_ID": "model",
    "TENSOR_PARALLELISM": "tensor_parallel_size",
    "MAX_MODEL_LEN": "max_model_len",
    "GPU_MEMORY_UTILIZATION": "gpu_memory_utilization",
    "DTYPE": "dtype",
    "MAX_NUM_SEQ": "max_num_seqs",
    "MAX_NUM_BATCHED_TOKENS": "max_num_batched_tokens",
}
"""What examples of vLLM on Ray Serve call its options in their environment."""
RESOURCE = "accelerator_type_"
"""Prefix of the resource by which a node offers its accelerators."""


class Part(NamedTuple):
    """A mapping of a config and where it stands; all of a config that is a string stands at that string."""

    values: Mapping[str, object]
    path: Path
    text: bool = False

    def at(self, *keys: str | int) -> Path:
        """The place of a value below."""
        return self.path if self.text else (*self.path, *keys)

    def below(self, *keys: str) -> Mapping[str, object]:
        """The mapping under `keys`; empty where there is none."""
        found: object = self.values
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def recognise(document: Document) -> bool:
    """Whether it has language models for Ray to serve."""
    data = document.data
    if not isinstance(data, dict):
        return False
    return _is_llm(data) or _is_legacy(data) or any(_serves(part) for part in _applications(document))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """Each model that is served."""
    place = serving.Place(document, context, "ray-serve")
    whole = Part(document.data, ())
    if _is_legacy(document.data):
        yield _of_legacy(whole, place)
        return
    workers = _workers(document.data)
    if _is_llm(document.data):
        yield _of_config(whole, place, workers)
        return
    for part in _applications(document):
        yield from _of_application(part, place, workers)


def _is_llm(values: Mapping[str, object]) -> bool:
    return isinstance(values.get("model_loading_config"), dict)


def _is_legacy(values: Mapping[str, object]) -> bool:
    engine = values.get("engine_config")
    return isinstance(engine, dict) and isinstance(engine.get("model_id"), str) and "scaling_config" in values


def _applications(document: Document) -> Iterator[Part]:
    """The applications of a config of Ray Serve."""
    data, text = document.data, False
    path: Path = ()
    if data.get("kind") == "RayService" and isinstance(data.get("spec"), dict):
        stated = data["spec"].get("serveConfigV2")
        if not isinstance(stated, str):
            return
        from planner.source import read

        documents = read(document.file, stated.encode("utf-8", "replace")).documents
        data, path, text = documents[0].data if documents else None, ("spec", "serveConfigV2"), True
    listed = data.get("applications") if isinstance(data, dict) else None
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield Part(entry, path if text else ("applications", index), text)


def _serves(application: Part) -> bool:
    args = application.below("args")
    listed = args.get("llm_configs")
    if isinstance(listed, list) and any(isinstance(each, dict) and _is_llm(each) for each in listed):
        return True
    if _is_vllm(application) or any(True for _ in _named(application)):
        return True
    return _is_rayllm(application) and isinstance(args.get("models"), list)


def _is_rayllm(application: Part) -> bool:
    return str(application.values.get("import_path")).startswith(("rayllm.", "aviary."))


def _is_vllm(application: Part) -> bool:
    """Whether code of one's own serves a model with vLLM: it says so in its name or in its environment."""
    variables = application.below("runtime_env", "env_vars")
    names = f"{application.values.get('import_path')} {application.values.get('deployments')}".lower()
    return "MODEL_ID" in variables and ("TENSOR_PARALLELISM" in variables or "vllm" in names)


def _named(application: Part) -> Iterator[str]:
    """Variables that name models for code of one's own: MODEL_ID, SUMMARIZER_MODEL_ID."""
    for name, value in application.below("runtime_env", "env_vars").items():
        if isinstance(value, str) and name.endswith("MODEL_ID") and "/" in value:
            yield name


def _of_application(application: Part, place: serving.Place, workers: devices.Devices) -> Iterator[Workload]:
    if _is_vllm(application):
        yield _of_environment(application, place, workers)
        return
    for name in _named(application):
        path = application.at("runtime_env", "env_vars", name)
        model = str(application.below("runtime_env", "env_vars")[name])
        found = devices.of_own_code(model, path, place)
        if found is not None:
            yield found
    args = application.below("args")
    listed, files = args.get("llm_configs"), args.get("models")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict) and _is_llm(entry):
            yield _of_config(
                Part(entry, application.at("args", "llm_configs", index), application.text), place, workers
            )
    for name in map(word, files if isinstance(files, list) and _is_rayllm(application) else ()):
        because = f"the model is described in {name}" if name else "what stands in `models` is the name of no file"
        missing = NotChecked("model", because, "check that file" if name else "name the file of each model", "")
        yield Workload(place.document, place.format, name, not_checked=(missing,))


def _of_environment(application: Part, place: serving.Place, workers: devices.Devices) -> Workload:
    """A deployment in code of one's own, which takes vLLM's options from variables."""
    variables = application.below("runtime_env", "env_vars")
    stated: dict[str, tuple[object, Path]] = {
        VARIABLES[key]: (value, application.at("runtime_env", "env_vars", key))
        for key, value in variables.items()
        if key in VARIABLES
    }
    launch = devices.with_options(flags.Launch(flags.ENGINES["vllm"], {}, application.path), **stated)
    return devices.deployment(launch, place, _enough(workers, launch))


def _of_config(config: Part, place: serving.Place, workers: devices.Devices) -> Workload:
    """An LLM config: where to load from, an accelerator, and vLLM's options."""
    loading = config.below("model_loading_config")
    key = "model_source" if isinstance(loading.get("model_source"), str) else "model_id"
    launch = _launch(config, "engine_kwargs")
    launch = devices.with_model(launch, loading.get(key), config.at("model_loading_config", key))
    kind = config.values.get("accelerator_type")
    on = _enough(workers, launch)
    if isinstance(kind, str):
        on = devices.devices(config.at("accelerator_type"), kind, _needed(launch))
    name = loading.get("model_id")
    return devices.deployment(launch, place, on, name if isinstance(name, str) else None)


def _launch(config: Part, *keys: str) -> flags.Launch:
    """vLLM with the options under `keys`."""
    launch = flags.from_options("vllm", config.below(*keys), config.at(*keys))
    if not config.text:
        return launch._replace(path=config.path)
    options = {name: option._replace(path=config.path) for name, option in launch.options.items()}
    return launch._replace(path=config.path, options=options)


def _needed(launch: flags.Launch) -> int:
    """Accelerators of one replica: no more are stated than its parallelism takes."""
    sizes = [launch.options.get(name) for name in ("tensor_parallel_size", "pipeline_parallel_size")]
    tensor, pipeline = (units.count(each.value) or 1 if each else 1 for each in sizes)
    return tensor * pipeline


def _of_legacy(config: Part, place: serving.Place) -> Workload:
    """A model of RayLLM: the workers of a replica share it, and a resource of theirs names the accelerator."""
    engine = config.below("engine_config")
    scaling = config.below("scaling_config")
    launch = _launch(config, "engine_config", "engine_kwargs")
    if "max_total_tokens" in engine:
        path = config.at("engine_config", "max_total_tokens")
        launch = devices.with_options(launch, max_model_len=(engine["max_total_tokens"], path))
    if "num_workers" in scaling:
        path = config.at("scaling_config", "num_workers")
        launch = devices.with_options(launch, tensor_parallel_size=(scaling["num_workers"], path))
    key = "hf_model_id" if isinstance(engine.get("hf_model_id"), str) else "model_id"
    launch = devices.with_model(launch, engine[key], config.at("engine_config", key))
    number = (units.count(scaling.get("num_workers")) or 1) * (units.count(scaling.get("num_gpus_per_worker")) or 1)
    offered = config.below("scaling_config", "resources_per_worker")
    resource = next((name for name in offered if name.startswith(RESOURCE)), None)
    where = config.at("scaling_config", "resources_per_worker", *([resource] if resource else []))
    kind = resource.removeprefix(RESOURCE).replace("_", "-") if resource else None
    return devices.deployment(launch, place, devices.devices(where, kind, number))


def _workers(data: Mapping[str, object]) -> devices.Devices:
    """The accelerators of a RayService's workers."""
    found = map(devices.of_container, containers(data)) if "kind" in data else ()
    return next((each for each in found if each.hardware is not None), devices.NONE)


def _enough(workers: devices.Devices, launch: flags.Launch) -> devices.Devices:
    """As many of them as a replica takes, if that is more than a worker has."""
    hardware = workers.hardware
    if hardware is None or hardware.count is None:
        return workers
    return workers._replace(hardware=hardware._replace(count=max(hardware.count, _needed(launch))))
