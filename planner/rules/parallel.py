"""PAR: can the model be laid out over the devices like this?"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from planner.model.stack import kinds
from planner.plan.types import Plan
from planner.rules.registry import Change, Violation, rule

if TYPE_CHECKING:
    from planner.model.stack import Architecture

MOST_RANKS = 1024
"""Devices of one tensor-parallel group, at most."""
SHARDING_ENGINES = frozenset({"vllm", "sglang", "tgi", "tensorrt-llm"})
"""Engines that split attention by whole heads and refuse to start otherwise."""


@rule("PAR001", "heads-not-divisible", "error")
def heads_not_divisible(plan: Plan) -> Iterator[Violation]:
    """The attention heads cannot be split evenly over the tensor-parallel devices.

    ## What it does
    Checks that `tensor_parallel` divides the number of attention heads, and that it divides, or is a multiple of, the number of KV
    heads (below which they are replicated).

    ## Why
    Tensor parallelism gives each device whole heads. Engines check it first thing and refuse to start: "Total number of attention
    heads (28) must be divisible by tensor parallel size (8)" (vLLM, `ModelConfig.verify_with_parallel_config`).

    ## Example
    ```yaml
    model: {name: Qwen/Qwen2.5-7B, dtype: bfloat16}
    deployment: {engine: vllm, context: 4096, tensor_parallel: 8, hardware: {accelerator: L4, count: 8}}
    ```

    ## Use instead
    ```yaml
    model: {name: Qwen/Qwen2.5-7B, dtype: bfloat16}
    deployment: {engine: vllm, context: 4096, tensor_parallel: 4, hardware: {accelerator: L4, count: 4}}
    ```
    """
    serving = plan.workload.serving
    architecture = plan.model.architecture if plan.model else None
    if serving is None or architecture is None or not serving.tensor_parallel or serving.tensor_parallel == 1:
        return
    if serving.engine is not None and serving.engine.name not in SHARDING_ENGINES:
        return
    ranks = serving.tensor_parallel
    for heads in sorted({layer.query_heads for layer in kinds(architecture.layers) if layer.query_heads}):
        if heads % ranks:
            fitting = [str(n) for n in range(1, min(heads, 64) + 1) if heads % n == 0]
            yield Violation(
                "deployment.tensor_parallel",
                f"{heads} attention heads cannot be split over {ranks} devices: {heads} ÷ {ranks} = {heads / ranks:.2f}",
                f"tensor_parallel {', '.join(fitting)} would divide them",
                (("model", f"{heads} attention heads"),),
                changes=_next_below(architecture, ranks),
            )
            return
    for heads in sorted({layer.kv_heads for layer in architecture.layers if layer.kv_heads > 1}):
        if heads % ranks and ranks % heads:
            yield Violation(
                "deployment.tensor_parallel",
                f"{heads} KV heads can be neither split nor replicated evenly over {ranks} devices",
                f"use a tensor_parallel that divides {heads}, or a multiple of it",
                (("model", f"{heads} KV heads"),),
                changes=_next_below(architecture, ranks),
            )
            return


def _next_below(architecture: Architecture, ranks: int) -> tuple[Change, ...]:
    """The most devices, fewer than `ranks`, that all heads can be split over."""
    query = {layer.query_heads for layer in architecture.layers if layer.query_heads}
    kv = {layer.kv_heads for layer in architecture.layers if layer.kv_heads > 1}
    for fewer in range(min(ranks, MOST_RANKS) - 1, 0, -1):
        if not any(heads % fewer for heads in query) and not any(heads % fewer and fewer % heads for heads in kv):
            return (Change("deployment.tensor_parallel", fewer),)
    return ()


@rule("PAR002", "too-few-devices", "error")
def too_few_devices(plan: Plan) -> Iterator[Violation]:
    """The parallel layout needs more devices than there are.

    ## What it does
    Compares tensor × pipeline × data parallelism with the stated number of devices.

    ## Why
    Each rank needs a device of its own; the engine waits for the missing ones and fails.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
    deployment: {engine: vllm, context: 4096, tensor_parallel: 8, hardware: {accelerator: A100-80GB, count: 4}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
    deployment: {engine: vllm, context: 4096, tensor_parallel: 4, hardware: {accelerator: A100-80GB, count: 4}}
    ```
    """
    for section, part in (("deployment", plan.workload.serving), ("training", plan.workload.training)):
        count = part.hardware.count if part is not None and part.hardware is not None else None
        if part is None or count is None:
            continue
        sizes = {
            "tensor": part.tensor_parallel,
            "pipeline": part.pipeline_parallel,
            "data": getattr(part, "data_parallel", None),
        }
        need = prod(size or 1 for size in sizes.values())
        if need > count:
            product = " × ".join(f"{name} {size}" for name, size in sizes.items() if size and size > 1)
            yield Violation(
                f"{section}.hardware.count",
                f"the layout ({product}) needs {need} devices; {count} {'is' if count == 1 else 'are'} stated",
                f"set count to {need}, or lower the parallel sizes",
            )
