"""Where the config that a log is compared with is not what ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.verify.choice import bare

if TYPE_CHECKING:
    from planner.verify.measured import Measured
    from planner.workload import Engine, Serving, Workload

FIELDS = (
    "context", "tensor_parallel", "pipeline_parallel", "data_parallel", "memory_utilization", "kv_cache_dtype",
)  # fmt: skip
UNSTATED = {"tensor_parallel": 1, "pipeline_parallel": 1, "data_parallel": 1, "kv_cache_dtype": "auto"}
"""What holds where nothing is stated."""


def doubts(measured: Measured, ran: Workload | None, config: Workload) -> Iterator[str]:
    """Each difference between the deployment that ran, as its log says, and the config's."""
    name = config.model.name if config.model else None
    if measured.model and name and bare(measured.model) != bare(name):
        yield f"the log is of the model {measured.model}, the config of {name}"
    if ran is None or ran.serving is None or config.serving is None:
        return
    for field in FIELDS:
        log, stated = _of(ran.serving, field), _of(config.serving, field)
        if log is not None and stated is not None and log != stated:
            yield f"{field}: {log} in the log, {stated} in the config"


def _of(serving: Serving, field: str) -> object:
    value = getattr(serving, field)
    if value is None and field == "memory_utilization" and serving.engine is not None:
        return _default(serving.engine)
    return UNSTATED.get(field) if value is None else value


def _default(engine: Engine) -> object:
    """The share of the device that the engine takes unasked, where that is one number."""
    from planner.catalog.engines import default

    found = default(engine.name, engine.version, "gpu_memory_utilization")
    return found[0] if found else None
