"""DTY: does the engine load that quantization on this device, and can it keep its cache in that format?"""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan
from planner.rules.registry import Violation, rule

LEAST: dict[str, tuple[int, int]] = {
    "gptq": (6, 0), "gguf": (6, 0), "bitsandbytes": (7, 0), "awq": (7, 5), "torchao": (7, 5), "mxfp4": (8, 0),
    "hqq": (8, 0), "fbgemm-fp8": (8, 0),
}  # fmt: skip
"""Compute capability that vLLM asks for, the lowest of 0.8 to 0.33 (model_executor/layers/quantization,
get_min_capability)."""
GGUF_ALONE = frozenset({
    "awq", "gptq", "fp8", "bitsandbytes", "exl2", "exl3", "hqq", "aqlm", "auto-round", "compressed-tensors", "mlx",
    "torchao", "nvfp4",
})  # fmt: skip
UNKNOWN_TO: dict[str, frozenset[str]] = {
    "vllm": frozenset({"exl2", "exl3", "mlx", "quanto", "eetq"}),
    "sglang": frozenset({"exl2", "exl3", "mlx", "quanto", "eetq", "hqq", "aqlm"}),
    "tensorrt-llm": frozenset({"exl2", "exl3", "mlx", "hqq", "aqlm", "bitsandbytes", "gguf", "eetq", "quanto"}),
    "tgi": frozenset({"mlx", "exl3", "hqq", "aqlm", "quanto"}),
    "llama.cpp": GGUF_ALONE,
}
"""Methods that an engine has no loader for."""
ADA, AMPERE = (8, 9), (8, 0)
QUANTIZED_CACHE = frozenset({"q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"})


@rule("DTY003", "quantization-unsupported", "error")
def quantization_unsupported(plan: Plan) -> Iterator[Violation]:
    """The engine does not load this quantization, or not on this device.

    ## What it does
    Compares the quantization with the lowest compute capability that vLLM takes for it (AWQ 7.5, MXFP4 and HQQ 8.0, bitsandbytes 7.0),
    and, as a warning, with the methods that an engine has a loader for: EXL2 and EXL3 belong to ExLlama, MLX to Apple's, and
    llama.cpp reads GGUF alone.

    ## Why
    The engine stops before it loads anything: "The quantization method awq is not supported for the current GPU. Minimum capability:
    75. Current capability: 70." An engine may know more methods through a plugin, so that part is a warning.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16, quantization: awq}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: V100-32GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16, quantization: gptq}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: V100-32GB, count: 1}}
    ```
    """
    serving, scheme = plan.workload.serving, plan.model.scheme if plan.model else None
    if serving is None or serving.engine is None or scheme is None:
        return
    engine, hardware = serving.engine.name, serving.hardware
    stated = plan.workload.model is not None and plan.workload.model.quantization is not None
    field = "model.quantization" if stated else "model"
    row = hardware.row if hardware and hardware.row else {}
    if scheme.method in UNKNOWN_TO.get(engine, ()) and row.get("vendor") != "apple":
        help = (
            "a GGUF file of the model"
            if engine == "llama.cpp"
            else "AWQ, GPTQ or FP8, or an engine that was made for it"
        )
        yield Violation(field, f"{engine} has no loader for {scheme.method}", f"use {help}", level="warning")
        return
    least, has = LEAST.get(scheme.method), row.get("compute_capability")
    if engine == "vllm" and least and isinstance(has, (tuple, list)) and tuple(has) < least:
        name = hardware.name if hardware else "the device"
        yield Violation(
            field,
            f"vllm loads {scheme.method} from compute capability {least[0]}.{least[1]} on; {name} has {has[0]}.{has[1]}",
            "use GPTQ there, or a device from Ampere on (A10, L4, A100 …)",
            (("deployment.hardware", f"{name}"),),
        )


@rule("DTY004", "cache-format-unsupported", "warning")
def cache_format_unsupported(plan: Plan) -> Iterator[Violation]:
    """The KV cache is to be kept in a format that the device or the engine's attention does not take.

    ## What it does
    Looks for a cache in 8-bit floats on NVIDIA devices before Ada and Hopper (advice from Ampere on, where some kernels convert it),
    and for llama.cpp's quantized values (`cache_type_v`) with flash attention switched off, which is an error.

    ## Why
    Before compute capability 8.9 a device has no arithmetic for E4M3: Triton's kernels do not compile, FlashInfer's convert each
    entry. llama.cpp stops with "V cache quantization requires flash_attn".

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.2-3B, dtype: float16}
    deployment: {engine: vllm, context: 4096, kv_cache_dtype: fp8, hardware: {accelerator: T4, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.2-3B, dtype: float16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: T4, count: 1}}
    ```
    """
    serving = plan.workload.serving
    if serving is None or serving.engine is None:
        return
    if serving.engine.name == "llama.cpp":
        yield from _values_without_flash(plan)
        return
    row = serving.hardware.row if serving.hardware and serving.hardware.row else {}
    has, stated = row.get("compute_capability"), serving.kv_cache_dtype is not None
    eight = plan.serving is not None and plan.serving.kv_cache_dtype == "float8"
    if not eight or not stated or not isinstance(has, (tuple, list)) or tuple(has) >= ADA:
        return
    name, converted = serving.hardware.name if serving.hardware else None, tuple(has) >= AMPERE
    effect = (
        "it halves the memory at no gain in speed; E4M3 runs where a kernel converts it (FlashInfer), E5M2 elsewhere too"
        if converted
        else "few kernels take it there"
    )
    yield Violation(
        "deployment.kv_cache_dtype",
        f"{name} (compute capability {has[0]}.{has[1]}) does not compute in the FP8 of the KV cache: {effect}",
        "leave kv_cache_dtype at auto, or use a device from Ada or Hopper on (L4, L40S, H100 …)",
        level="info" if converted else None,
    )


def _values_without_flash(plan: Plan) -> Iterator[Violation]:
    options = plan.workload.serving.engine_args if plan.workload.serving else {}
    kind = next((str(options[key]).lower() for key in ("cache_type_v", "ctv") if key in options), "")
    if kind in QUANTIZED_CACHE and options.get("flash_attn") in (False, "off", "0", "false"):
        yield Violation(
            "deployment.engine_args",
            f"llama.cpp keeps values in {kind} with flash attention alone, and it is switched off: it does not start",
            "leave flash_attn at auto, or cache_type_v at f16",
            level="error",
        )
