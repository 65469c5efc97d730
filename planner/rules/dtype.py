"""DTY: does the device compute in that dtype?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.plan.types import Plan
from planner.rules.registry import Violation, rule

if TYPE_CHECKING:
    from planner.workload import Hardware

ENGINES_THAT_REFUSE = frozenset({"vllm", "sglang", "tgi"})


@rule("DTY001", "bfloat16-unsupported", "error")
def bfloat16_unsupported(plan: Plan) -> Iterator[Violation]:
    """The config asks for bfloat16 on a device that does not compute in it.

    ## What it does
    Looks for a stated `dtype: bfloat16` (or a bf16 training precision) on an accelerator whose arithmetic units lack it: everything
    before NVIDIA's Ampere (T4, V100, P100, RTX 20). An error where the engine refuses to start, a warning elsewhere.

    ## Why
    vLLM stops with "Bfloat16 is only supported on GPUs with compute capability of at least 8.0". PyTorch alone emulates it, slowly.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.2-3B, dtype: bfloat16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: T4, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.2-3B, dtype: float16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: T4, count: 1}}
    ```
    """
    stated = plan.workload.model.dtype if plan.workload.model else None
    serving, training = plan.workload.serving, plan.workload.training
    if serving is not None and stated == "bfloat16" and _lacks(serving.hardware, "bf16"):
        refuses = serving.engine is not None and serving.engine.name in ENGINES_THAT_REFUSE
        yield _violation("model.dtype", "deployment.hardware", serving.hardware, None if refuses else "warning")
    elif training is not None and (training.precision or "").startswith("bf16") and _lacks(training.hardware, "bf16"):
        yield _violation("training.precision", "training.hardware", training.hardware, "warning")


def _violation(field: str, where: str, hardware: Hardware | None, level: str | None) -> Violation:
    name = hardware.name if hardware else "the device"
    effect = "the engine refuses to start" if level is None else "PyTorch emulates it, many times slower"
    return Violation(
        field,
        f"{name} does not compute in bfloat16 (it begins with compute capability 8.0): {effect}",
        "use float16, or a device from Ampere on (A100, A10, L4, H100, RTX 30 …)",
        ((where, f"{name} computes in {', '.join(sorted(hardware.dtypes or ())) if hardware else ''}"),),
        level,
    )


@rule("DTY002", "float8-without-hardware", "warning")
def float8_without_hardware(plan: Plan) -> Iterator[Violation]:
    """8-bit floats on a device without arithmetic for them.

    ## What it does
    Looks for FP8 weights, a stated fp8 dtype, or training in fp8 on an accelerator that does not compute in it: NVIDIA before Ada and
    Hopper (compute capability 8.9). Serving from Turing on it is advice only, because engines unpack such weights on the fly.

    ## Why
    FP8 weights still halve the memory there, but nothing gets faster; before Turing the kernels that unpack them do not run. Trainers
    multiply in FP8 itself: Axolotl and Transformer Engine stop there, accelerate goes on in float16 with a warning.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, quantization: fp8}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: V100-32GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, quantization: fp8}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: L4, count: 1}}
    ```
    """
    model, serving, training = plan.workload.model, plan.workload.serving, plan.workload.training
    if training is not None and training.precision == "fp8" and _lacks(training.hardware, "fp8"):
        yield _trained_in_float8(training.hardware)
    if model is None or serving is None or not _lacks(serving.hardware, "fp8"):
        return
    quantized = model.quantization is not None and model.quantization.method == "fp8"
    if not quantized and model.dtype != "float8":
        return
    hardware = serving.hardware
    name = hardware.name if hardware else None
    capability = hardware.row.get("compute_capability") if hardware and hardware.row else None
    unpacked = isinstance(capability, tuple) and capability >= (7, 5)
    yield Violation(
        "model.quantization" if quantized else "model.dtype",
        f"{name} does not compute in FP8 (it begins with compute capability 8.9): "
        + ("weights are unpacked on the fly, smaller but not faster" if unpacked else "no kernel of it runs there"),
        "use AWQ or GPTQ there, or a device from Ada or Hopper on (L4, L40S, H100 …)",
        (("deployment.hardware", f"{name}"),),
        "info" if unpacked else None,
    )


def _trained_in_float8(hardware: Hardware | None) -> Violation:
    name = hardware.name if hardware else "the device"
    return Violation(
        "training.precision",
        f"{name} does not compute in FP8 (it begins with compute capability 8.9):"
        " the trainer stops, or goes on in 16 bit with a warning",
        "train in bf16, or on a device from Ada or Hopper on (L40S, H100 …)",
        (("training.hardware", f"{name} computes in {', '.join(sorted(hardware.dtypes or ())) if hardware else ''}"),),
    )


def _lacks(hardware: Hardware | None, dtype: str) -> bool:
    return hardware is not None and hardware.dtypes is not None and dtype not in hardware.dtypes
