"""Scenarios of llm-d's benchmark: the model that all parts share, and the parts that serve it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner import units
from planner.formats import devices, flags, serving, unread
from planner.formats.kubernetes import accelerators, environment
from planner.formats.kubernetes.pods import Container
from planner.formats.values import below
from planner.workload import NotChecked, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

ROLES = ("standalone", "decode", "prefill")
OPTIONS = {
    "maxModelLen": "max_model_len",
    "gpuMemoryUtilization": "gpu_memory_utilization",
    "maxNumBatchedTokens": "max_num_batched_tokens",
    "maxNumSeq": "max_num_seqs",
    "blockSize": "block_size",
}
VARIABLES = {
    "maxModelLen": "VLLM_MAX_MODEL_LEN",
    "gpuMemoryUtilization": "VLLM_ACCELERATOR_MEM_UTIL",
    "maxNumBatchedTokens": "VLLM_MAX_NUM_BATCHED_TOKENS",
    "maxNumSeq": "VLLM_MAX_NUM_SEQ",
    "blockSize": "VLLM_BLOCK_SIZE",
}
PARALLELISM = {"tensor": "tensor_parallel_size", "data": "data_parallel_size"}


def recognise(document: Document) -> bool:
    """Whether it is a list of scenarios with a model in what their parts have in common."""
    return any(True for _ in _scenarios(document.data))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """One deployment for each part of each scenario."""
    place = serving.Place(document, context, "llm-d-benchmark")
    for scenario, path in _scenarios(document.data):
        because = _without_accelerator(scenario)
        if because:
            missing = NotChecked("serving", because, "", "")
            yield Workload(document, place.format, str(scenario.get("name")), not_checked=(missing,))
        for role in _roles(scenario) if not because else ():
            yield _deployment(scenario, role, path, place)


def _scenarios(data: object) -> Iterator[tuple[Mapping[str, object], Path]]:
    """Scenarios with a model in `common`, or beside it."""
    listed = data.get("scenario") if isinstance(data, dict) else None
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict) and "common" not in entry:
            entry = {**entry, "common": entry}
        if isinstance(below(entry, "common", "model").get("huggingfaceId"), str):
            yield entry, ("scenario", index)


def _shared(scenario: Mapping[str, object], path: Path) -> Path:
    """Where that stands which all parts of a scenario have in common."""
    return path if "model" in scenario else (*path, "common")


def _without_accelerator(scenario: Mapping[str, object]) -> str:
    """Why no accelerator holds the model of a scenario; empty where one does."""
    if unread.SIMULATOR in str(below(scenario, "common").get("images")):
        return unread.SIMULATED.because
    number = below(scenario, "common", "accelerator").get("count")
    return serving.ON_THE_HOST if number == 0 and not isinstance(number, bool) else ""


def _roles(scenario: Mapping[str, object]) -> list[str]:
    """Parts that run; the first where the scenario leaves all to the defaults."""
    found = [
        role
        for role in ROLES
        if (part := below(scenario, role)) and part.get("enabled") is not False and part.get("replicas") != 0
    ]
    return found or ["decode"]


def _deployment(scenario: Mapping[str, object], role: str, path: Path, place: serving.Place) -> Workload:
    model, where = below(scenario, "common", "model"), (*_shared(scenario, path), "model")
    launch = _launch(scenario, role, path, place)
    stated: dict[str, tuple[object, Path]] = {
        OPTIONS[key]: (value, (*where, key)) for key, value in model.items() if key in OPTIONS and value
    }
    for key, value in below(scenario, role, "parallelism").items():
        if key in PARALLELISM:
            stated[PARALLELISM[key]] = (value, (*path, role, "parallelism", key))
    launch = devices.with_options(launch, **stated)
    launch = devices.with_model(launch, model["huggingfaceId"], (*where, "huggingfaceId"))
    return devices.deployment(launch, place, _devices(scenario, role, path), f"{scenario.get('name')} ({role})")


def _launch(scenario: Mapping[str, object], role: str, path: Path, place: serving.Place) -> flags.Launch:
    """vLLM, started by a command of its own or by the usual one with flags added."""
    part, where = below(scenario, role, "vllm"), (*path, role, "vllm")
    line = flags.words(part.get("additionalFlags"), (*where, "additionalFlags"))
    command = part.get("customCommand")
    if isinstance(command, str):
        line = [flags.Word(command, (*where, "customCommand"))]
    pod = Container({"env": below(scenario, role).get("extraEnvVars")}, (*path, role), {}, path, role)
    variables = {**_variables(scenario, role), **environment.of(pod, place.document, place.context)}
    return flags.find(line, variables, "vllm", path) or flags.Launch(flags.ENGINES["vllm"], {}, path)


def _variables(scenario: Mapping[str, object], role: str) -> dict[str, flags.Variable]:
    """What the benchmark sets for its commands."""
    model = below(scenario, "common", "model")
    found = {VARIABLES[key]: flags.Variable(str(value)) for key, value in model.items() if key in VARIABLES and value}
    found["TP_SIZE"] = flags.Variable(str(below(scenario, role, "parallelism").get("tensor") or 1))
    return found


def _devices(scenario: Mapping[str, object], role: str, path: Path) -> devices.Devices:
    """What labels say of the accelerators, and how many the part takes."""
    for part in (role, "common"):
        kind, selector = below(scenario, part, "acceleratorType"), below(scenario, part, "affinity", "nodeSelector")
        labels = {str(kind.get("labelKey")): kind.get("labelValue"), **selector}
        where = _shared(scenario, path) if part == "common" else (*path, part)
        found = accelerators.of(Container({}, where, {"nodeSelector": labels}, where, role))
        if found.hardware is not None:
            break
    sizes = below(scenario, role, "parallelism")
    number = units.count(below(scenario, role, "accelerator").get("count"))
    number = number or (units.count(sizes.get("tensor")) or 1) * (units.count(sizes.get("dataLocal")) or 1)
    number *= units.count(sizes.get("workers")) or 1
    if found.hardware is None:
        return devices.NONE
    return devices.Devices(found.hardware._replace(count=number), (*where, "acceleratorType"))
