"""FIT: is the share of the device that an engine takes one that it can have?"""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan
from planner.rules.registry import Violation, rule
from planner.rules.wording import engine
from planner.units import gib

CHECKS_FREE_MEMORY = (0, 9, 1)
"""vLLM refuses to start since then when less is free than its share (gpu_worker.py, init_device)."""


@rule("FIT006", "utilization-leaves-no-room", "warning")
def utilization_leaves_no_room(plan: Plan) -> Iterator[Violation]:
    """The engine takes so much of the device that what it needs outside its share has no room.

    ## What it does
    Compares what `memory_utilization` leaves of the device with what vLLM takes besides: its CUDA context, and up to 0.19 its CUDA
    graphs, which the budget did not count. Half of the usual sizes are taken.

    ## Why
    The cache fills the share to the last byte. What comes after it (graph capture, the sampler's warm-up) runs out of memory when
    nothing is left; and since 0.9.1 vLLM refuses to start when less is free than it asks for, which the context of the process
    alone brings about: "Free memory on device … on startup is less than desired GPU memory utilization".

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.2-3B, dtype: bfloat16}
    deployment:
      engine: {name: vllm, version: 0.19.0}
      context: 8192
      memory_utilization: 0.99
      hardware: {accelerator: L4, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.2-3B, dtype: bfloat16}
    deployment:
      engine: {name: vllm, version: 0.19.0}
      context: 8192
      memory_utilization: 0.92
      hardware: {accelerator: L4, count: 1}
    ```
    """
    serving, stated = plan.serving, plan.workload.serving
    if serving is None or stated is None or stated.memory_utilization is None:
        return
    device = serving.per_device
    if device.usable is None or device.budget is None or not device.beyond:
        return
    left = device.usable - device.budget
    if left >= device.beyond or device.weights is None or device.weights > device.budget:
        return
    version = stated.engine.version if stated.engine else None
    refuses = version is None or version >= CHECKS_FREE_MEMORY
    effect = (
        "it may refuse to start, or run out of memory after the cache is allocated"
        if refuses
        else "it may run out of memory"
    )
    most = int(100 * (1 - device.beyond / device.usable)) / 100
    yield Violation(
        "deployment.memory_utilization",
        f"memory_utilization {stated.memory_utilization:g} leaves {gib(left)} of {gib(device.usable)}; {engine(serving)} takes"
        f" {gib(device.beyond)} at least outside its share (CUDA context, graphs that it does not count): {effect}",
        f"memory_utilization {most:g} or less",
    )
