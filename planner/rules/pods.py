"""PAR010–PAR012: devices that pods and services ask for, against what the engine in them takes."""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan
from planner.rules.registry import Violation, reported, rule

FIXED_LAYOUT = frozenset({"vllm", "sglang", "tensorrt-llm", "lmdeploy"})
"""Engines that use as many devices as they are told, and no more."""
CONTAINERS = frozenset({"kubernetes", "compose"})
"""Formats in which the devices of one container are stated."""

reported(
    "PAR010",
    "requests-differ-from-limits",
    "error",
    """A container requests another number of devices than its limit.

    ## What it does
    Compares `requests` and `limits` of every resource that is a device.

    ## Why
    Devices cannot be overcommitted. The API server takes no such pod: "must be equal to nvidia.com/gpu limit of 2" (Kubernetes,
    `ValidateContainerResourceRequirements`).

    ## Example
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata: {name: llm}
    spec:
      containers:
      - {name: a, image: vllm/vllm-openai, args: [--model, Qwen/Qwen3-8B, --max-model-len, "4096"],
         resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}}}
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata: {name: llm}
    spec:
      nodeSelector: {nvidia.com/gpu.product: NVIDIA-L40S}
      containers:
      - {name: a, image: vllm/vllm-openai, args: [--model, Qwen/Qwen3-8B, --max-model-len, "4096"],
         resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 1}}}
    ```
    """,
)


@rule("PAR011", "idle-devices", "warning")
def idle_devices(plan: Plan) -> Iterator[Violation]:
    """A container asks for more devices than its engine uses.

    ## What it does
    Compares the devices that a container of a pod or a service asks for with tensor × pipeline × data parallelism, of engines that
    take no more devices than they are told.

    ## Why
    vLLM runs on one device unless `--tensor-parallel-size` says otherwise. The others stay idle, and no other pod can have them.

    ## Example
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata: {name: llm}
    spec:
      nodeSelector: {nvidia.com/gpu.product: NVIDIA-L40S}
      containers:
      - {name: a, image: vllm/vllm-openai, args: [--model, Qwen/Qwen3-8B, --max-model-len, "4096"],
         resources: {limits: {nvidia.com/gpu: 4}}}
    ```

    ## Use instead
    ```yaml
    apiVersion: v1
    kind: Pod
    metadata: {name: llm}
    spec:
      nodeSelector: {nvidia.com/gpu.product: NVIDIA-L40S}
      containers:
      - {name: a, image: vllm/vllm-openai, args: [--model, Qwen/Qwen3-8B, --max-model-len, "4096", -tp, "4"],
         resources: {limits: {nvidia.com/gpu: 4}}}
    ```
    """
    serving = plan.workload.serving
    engine = serving.engine.name if serving is not None and serving.engine is not None else ""
    if (
        serving is None
        or serving.hardware is None
        or plan.workload.format not in CONTAINERS
        or engine not in FIXED_LAYOUT
    ):
        return
    count, origin = serving.hardware.count, plan.workload.origins.get("deployment.hardware.count")
    sizes = {
        "tensor": serving.tensor_parallel or 1,
        "pipeline": serving.pipeline_parallel or 1,
        "data": serving.data_parallel or 1,
    }
    used = sizes["tensor"] * sizes["pipeline"] * sizes["data"]
    if origin is None or origin.kind != "key" or count is None or used >= count:
        return
    layout = " × ".join(f"{name} {size}" for name, size in sizes.items() if size > 1) or "tensor 1"
    yield Violation(
        "deployment.hardware.count",
        f"{engine} uses {used} of {count} devices ({layout} parallel); {count - used} stay idle",
        f"ask for {used}, or let the engine use them: tensor_parallel {count // (used // sizes['tensor'])}"
        if count % (used // sizes["tensor"]) == 0
        else f"ask for {used}",
        (("deployment.tensor_parallel", layout),) if "deployment.tensor_parallel" in plan.workload.origins else (),
    )


reported(
    "PAR012",
    "shared-device-oversubscribed",
    "warning",
    """Services that share a device reserve more than all of it.

    ## What it does
    Adds up the shares of memory (`--gpu-memory-utilization`, else vLLM's default) of the services of a compose file that name the same
    device by its index. Services that are never started together (different `profiles`) are not added up.

    ## Why
    Each engine takes its share of the whole device at start. The one that comes last finds too little free and stops: "Free memory
    on device … on startup is less than desired GPU memory utilization" (vLLM).

    ## Example
    ```yaml
    services:
      chat:
        image: vllm/vllm-openai
        command: --model Qwen/Qwen3-8B --max-model-len 4096 --gpu-memory-utilization 0.6
        deploy: {resources: {reservations: {devices: [{device_ids: ["0"], capabilities: [gpu]}]}}}
      embed:
        image: vllm/vllm-openai
        command: --model Qwen/Qwen3-0.6B --max-model-len 4096 --gpu-memory-utilization 0.5
        deploy: {resources: {reservations: {devices: [{device_ids: ["0"], capabilities: [gpu]}]}}}
    ```

    ## Use instead
    ```yaml
    # planner: hardware=A100-80GB:1
    services:
      chat:
        image: vllm/vllm-openai
        command: --model Qwen/Qwen3-8B --max-model-len 4096 --gpu-memory-utilization 0.6
        deploy: {resources: {reservations: {devices: [{device_ids: ["0"], capabilities: [gpu]}]}}}
      embed:
        image: vllm/vllm-openai
        command: --model Qwen/Qwen3-0.6B --max-model-len 4096 --gpu-memory-utilization 0.3
        deploy: {resources: {reservations: {devices: [{device_ids: ["0"], capabilities: [gpu]}]}}}
    ```
    """,
)
