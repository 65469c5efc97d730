"""The section `deployment`, and the hardware of either section."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from planner import units
from planner.formats import resolve
from planner.formats.native import fields
from planner.memo import by_scalar
from planner.workload import Engine, Hardware, Origin, Problem, Serving

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.native.fields import Fields

T = TypeVar("T")
UNKNOWN_ACCELERATOR, INVALID_VALUE = "REF002", "CFG007"
ENGINES = {
    **{name: name for name in ("vllm", "sglang", "tgi", "llama.cpp", "ollama", "tensorrt-llm", "transformers")},
    "text-generation-inference": "tgi",
    "llama-cpp": "llama.cpp",
    "llamacpp": "llama.cpp",
    "trtllm": "tensorrt-llm",
}
"""Names of engines in lower case, and what they are called here."""
ENGINES_OWN = {
    "max_model_len": "context",
    "context_length": "context",
    "kv_cache_dtype": "kv_cache_dtype",
    "tensor_parallel_size": "tensor_parallel",
    "tp_size": "tensor_parallel",
    "pipeline_parallel_size": "pipeline_parallel",
    "pp_size": "pipeline_parallel",
    "data_parallel_size": "data_parallel",
    "dp_size": "data_parallel",
    "gpu_memory_utilization": "memory_utilization",
    "mem_fraction_static": "memory_utilization",
}
"""What vLLM and SGLang call keys of ours: heeded in `engine_args` too."""


def read(section: Fields, context: Context, problems: list[Problem]) -> Serving:
    """The deployment that a section describes."""
    args = section.below("engine_args")
    options = {key: _option(key) for key in args.values} if args else {}
    own = [(key, option) for key, option in options.items() if option in ENGINES_OWN]

    def value(key: str, read: Callable[[object], T | None]) -> T | None:
        found = section.get(key, read)
        for name, option in own:
            if args is not None and ENGINES_OWN[option] == key:
                found = _either(section, key, found, (read(args.values[name]), name, args.origin(name)), problems)
        return found

    return Serving(
        engine=_engine(section),
        context=value("context", fields.context),
        concurrency=section.get("concurrency", fields.whole),
        kv_cache_dtype=value("kv_cache_dtype", kv_cache_dtype),
        tensor_parallel=value("tensor_parallel", fields.whole),
        pipeline_parallel=value("pipeline_parallel", fields.whole),
        data_parallel=value("data_parallel", fields.whole),
        memory_utilization=value("memory_utilization", fields.share),
        engine_args={option: args.values[key] for key, option in options.items()} if args else {},
        hardware=hardware(section, context, problems),
    )


def _option(key: str) -> str:
    """An engine's option as its own code calls it: max_num_seqs of --max-num-seqs."""
    return key.lstrip("-").replace("-", "_")


def _either(
    section: Fields, key: str, found: T | None, theirs: tuple[T | None, str, Origin], problems: list[Problem]
) -> T | None:
    """The value of `key`, `found` if it is stated; else that of the engine's own option for it: value, name, origin."""
    other, name, origin = theirs
    if found is None and section.values.get(key) is None:
        section.origins[f"{section.name}.{key}"] = origin
        return other
    if None not in (found, other) and found != other:
        said = f"`{key}` is {found} and `{name}` among the engine's own options is {other}"
        problems.append(Problem(INVALID_VALUE, said, origin.path or (), origin.document, f"keep `{key}` only"))
    return found


def _engine(section: Fields) -> Engine | None:
    if isinstance(section.values.get("engine"), dict):
        mapping = section.below("engine")
        name = mapping.get("name", _engine_name) if mapping else None
        return Engine(name, _version(mapping)) if mapping and name else None
    name = section.get("engine", _engine_name)
    return Engine(name) if name else None


def _engine_name(value: object) -> str | None:
    return ENGINES.get(fields.word(value) or "")


def _version(engine: Fields) -> tuple[int, ...] | None:
    """The version as it is written: as a number, 0.20 would be 0.2."""
    stated = engine.values.get("version")
    if isinstance(stated, (dict, list)) or stated is None:
        return None
    engine.origins[f"{engine.name}.version"] = engine.origin("version")
    return resolve.version(stated if isinstance(stated, str) else engine.written("version") or str(stated))


def kv_cache_dtype(value: object) -> str | None:
    """Canonical where it has such a name; an engine's own (q8_0, fp8_ds_mla) in lower case."""
    return units.dtype(value) or (fields.text(value) or "").lower() or None


def hardware(section: Fields, context: Context, problems: list[Problem]) -> Hardware | None:
    """The hardware of a section; where it states none, that of the surroundings."""
    stated = section.below("hardware")
    found = _stated(stated, problems) if stated else None
    given = context.hardware
    if given is None or (found is not None and (found.memory is not None or found.name is not None)):
        return found
    section.origins[f"{section.name}.hardware"] = context.hardware_origin or Origin("option", note="--hardware")
    return given._replace(count=found.count) if found is not None else given


def _stated(hardware: Fields, problems: list[Problem]) -> Hardware | None:
    accelerator = hardware.get("accelerator", fields.text)
    instance = hardware.get("instance", fields.text)
    memory = hardware.get("memory", fields.memory)
    count = hardware.get("count", fields.whole)
    size = hardware.values["memory"] if memory else None
    if instance is None:
        found, wrong = _called((size, count), accelerator)
    else:
        found, wrong = resolve.hardware(accelerator, size, instance, count)
    if wrong:
        origin = hardware.origin("accelerator" if accelerator else "instance")
        message, _, advice = wrong.partition("\n")
        problems.append(Problem(UNKNOWN_ACCELERATOR, message, origin.path or (), origin.document, advice))
    several = resolve.split_count(accelerator)[1] if accelerator else None
    if several and count and several != count:
        origin = hardware.origin("count")
        said = f"`count` is {count}, and `accelerator` says {several}"
        problems.append(Problem(INVALID_VALUE, said, origin.path or (), origin.document, "state the number once"))
    return found


@by_scalar
def _called(stated: tuple[object, int | None], accelerator: Any) -> tuple[Hardware | None, str | None]:
    """Devices of that name, with the memory and the number that are stated of them."""
    memory, count = stated
    return resolve.hardware(accelerator, memory, None, count)
