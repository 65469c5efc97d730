"""An engine's options, read as the fields of the vocabulary that they are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from planner import units
from planner.workload import Engine, Hardware, Origin, Serving

if TYPE_CHECKING:
    from planner.formats.flags import Launch, Option

LARGEST = 10**12
JOINED = frozenset((
    "nnodes", "data_parallel_address", "data_parallel_start_rank", "headless", "dist_init_addr", "data_parallel_rank",
    "data_parallel_size_local", "data_parallel_backend", "data_parallel_hybrid_lb", "data_parallel_external_lb",
))  # fmt: skip
"""Options of an engine that others on other machines join."""
DECISIVE = frozenset(("cpu_offload_gb", "kv_cache_memory_bytes", "num_gpu_blocks_override", "n_gpu_layers"))
"""Options without a field that decide what fits."""
AUTOMATIC = frozenset(("auto", "-1", "0"))
"""A context that the engine chooses so that it fits (vLLM) or takes from the model (llama.cpp)."""


class Reading:
    """A launch while it is read."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.origins: dict[str, Origin] = {"deployment": Origin("key", launch.path)}
        self.unknown: list[str] = []
        """What is not known of an option that counts."""

    def get(self, field: str) -> Option | None:
        """The option for a field of the vocabulary; None without one or where its value is not known."""
        option = self.stated(field)
        if option is None:
            return None
        self.origins[field] = Origin("key", option.path, note=option.flag)
        if option.missing:
            self.unknown.append(f"{option.flag}: {unset(option)}")
            return None
        return None if option.value is None else option

    def stated(self, field: str) -> Option | None:
        """The same, whether its value is known or not."""
        options = self.launch.options
        return next((options[name] for name, known in self.launch.table.fields.items()
                     if known == field and name in options), None)  # fmt: skip

    def value(self, field: str, read: Callable[[object], object]) -> object:
        """The value of that option as `read` understands it; what it does not understand counts as not known."""
        option = self.get(field)
        value = read(option.value) if option else None
        if option is not None and value is None:
            from planner.model.config import shown

            said = str(option.value)[:60] if isinstance(option.value, str) else shown(option.value)
            self.unknown.append(f"{option.flag} cannot be read: {said}")
        return value

    def whole(self, field: str, read: Callable[[object], int | None] = units.count) -> int | None:
        """A count of at least 1."""
        found = self.value(field, lambda value: _whole(value, read))
        return found if isinstance(found, int) else None


def unset(option: Option) -> str:
    """What is not known of an option."""
    names = ", ".join(option.missing)
    if any(name.startswith("`") or re.match(r"\$\(.*\s", name) for name in option.missing):
        return f"{names} is known only where it runs"
    return f"{names} is not set in this file" if "$" in names else f"{names} is to be filled in"


def serving(reading: Reading, hardware: Hardware | None) -> Serving:
    """The deployment that the options of a launch describe."""
    launch = reading.launch
    concurrency = reading.whole("deployment.concurrency")
    tokens = None if automatic(reading) else reading.whole("deployment.context", units.context)
    if launch.table.engine == "llama.cpp" and tokens and concurrency:
        tokens = max(1, tokens // concurrency)
    share = reading.value("deployment.memory_utilization", _share)
    cache = reading.value("deployment.kv_cache_dtype", _cache_dtype)
    tensor, data = _layout(reading)
    pipeline = reading.whole("deployment.pipeline_parallel")
    return Serving(
        Engine(launch.table.engine, launch.version),
        tokens,
        concurrency,
        cache if isinstance(cache, str) else None,
        tensor,
        pipeline,
        data,
        share if isinstance(share, float) else None,
        dict(_rest(reading)),
        _of_all_machines(launch, hardware, (tensor or 1) * (pipeline or 1) * (data or 1)),
    )


def _of_all_machines(launch: Launch, hardware: Hardware | None, ranks: int) -> Hardware | None:
    """`hardware` without its count where more devices than that are joined, from machines not stated here."""
    if hardware is None or hardware.count is None or hardware.count >= ranks:
        return hardware
    backend = launch.options.get("distributed_executor_backend")
    ray = launch.options.get("worker_use_ray")
    if JOINED & launch.options.keys() or ray is not None or (backend is not None and backend.value == "ray"):
        return hardware._replace(count=None)
    return hardware


def automatic(reading: Reading) -> bool:
    """Whether the engine is told to choose the context itself."""
    stated = reading.stated("deployment.context")
    return stated is not None and str(stated.value) in AUTOMATIC


def _layout(reading: Reading) -> tuple[int | None, int | None]:
    """(tensor, data) parallel. With attention in data parallel, SGLang's tensor-parallel devices are all there are."""
    table = reading.launch.table
    tensor, data = reading.whole("deployment.tensor_parallel"), reading.whole("deployment.data_parallel")
    if table.parallel and reading.stated("deployment.tensor_parallel") is None:
        tensor = table.parallel
        reading.origins["deployment.tensor_parallel"] = Origin("default", note=f"{table.engine}'s default")
    attention = reading.launch.options.get("enable_dp_attention")
    return tensor, None if attention is not None and attention.value is True else data


def _rest(reading: Reading) -> Iterator[tuple[str, object]]:
    """The engine's other options; a count may be written 25.6k."""
    table, elsewhere = reading.launch.table, reading.launch.options.get("config")
    if elsewhere is not None:
        reading.unknown.append(f"{elsewhere.flag}: more options stand in {elsewhere.value}, which is not read")
    if automatic(reading):
        yield "max_model_len", "auto"
    for name, option in reading.launch.options.items():
        if option.missing and name in DECISIVE:
            reading.unknown.append(f"{option.flag}: {unset(option)}")
        if option.missing or name in table.fields:
            continue
        value = option.value
        if isinstance(value, str) and value[:1].isdigit() and value[-1:] in "kKmMgG":
            value = units.context(value) or value
        reading.origins[f"deployment.engine_args.{name}"] = Origin("key", option.path, note=option.flag)
        yield name, value


def _whole(value: object, read: Callable[[object], int | None]) -> int | None:
    found = read(value)
    return found if found and found <= LARGEST else None


def _share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value) if 0 < value <= 1 else None


def _cache_dtype(value: object) -> str | None:
    return (units.dtype(value) or value.lower()) if isinstance(value, str) else None
