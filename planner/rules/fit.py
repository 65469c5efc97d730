"""FIT: does it fit in the device's memory?"""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan, ServingPlan
from planner.rules.registry import Change, Violation, rule
from planner.rules.wording import budget_working, cache_working, engine, has, proposed, remedies, weights_working
from planner.units import gib

HEADROOM = 0.05
"""Of the device's memory that should stay free."""
USEFUL = 2048
"""Tokens of a context, the default of the engines that have one; what is shorter is nobody's obvious choice."""
SPILLING = frozenset({"ollama", "llama.cpp"})
"""Engines that keep in host memory, slowly, what the device cannot hold: nothing is proved of them."""


@rule("FIT001", "weights-exceed-memory", "error")
def weights_exceed_memory(plan: Plan) -> Iterator[Violation]:
    """The weights alone are larger than the memory they are given.

    ## What it does
    Compares the weights on one device (bytes of the whole model ÷ tensor ÷ pipeline parallelism, a lower bound) with the most that
    the device can have: the highest total that its driver reports, or the larger reading of a size such as `24GB`, times the share
    that the engine may use.

    ## Why
    A parameter takes 4 bytes in float32, 2 in float16 and bfloat16, 1 in 8 bit and ½ in 4 bit. 70B parameters in bfloat16 are
    140 GB: no card of 80 GB holds them, whatever else is tuned. The process dies while it loads.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
    deployment:
      engine: vllm
      context: 4096
      hardware: {accelerator: A100-80GB, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-70b-hf, dtype: bfloat16}
    deployment:
      engine: vllm
      context: 4096
      tensor_parallel: 4
      hardware: {accelerator: A100-80GB, count: 4}
    ```
    """
    serving, device = plan.serving, plan.serving.per_device if plan.serving else None
    if serving is None or device is None or device.weights_low is None or device.budget_max is None:
        return
    if device.weights_low > device.budget_max:
        over = device.weights_low - device.budget_max
        yield Violation(
            "deployment.hardware",
            f"the weights need {gib(device.weights_low)} on each device and {has(plan)}: {gib(over)} too much\n{weights_working(plan)}",
            remedies(serving),
            (("model.dtype", f"{gib(device.weights_low)} of weights per device"),),
            "warning" if serving.engine in SPILLING else None,
        )


@rule("FIT002", "kv-cache-exceeds-memory", "error")
def kv_cache_exceeds_memory(plan: Plan) -> Iterator[Violation]:
    """The weights fit, but not together with the KV cache of one sequence at the stated context.

    ## What it does
    Adds the KV cache of a single sequence of `context` tokens to the weights, both as lower bounds, and compares the sum with the
    most that the device can have (see FIT001). Where the config states no context and the engine takes the model's own, it is
    a warning: an image or a variable may set it.

    ## Why
    Each token keeps a key and a value per layer and KV head: 2 × layers × KV heads × head size × bytes. Llama-2-7B in 16 bit takes
    0.5 MiB a token, 2 GiB at 4,096 tokens; at long context the cache rivals the weights. Engines such as vLLM refuse to start when
    one sequence of the maximum length does not fit.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    deployment:
      engine: vllm
      context: 131072
      hardware: {memory: 24GiB}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    deployment:
      engine: vllm
      context: 16384
      hardware: {memory: 24GiB}
    ```
    """
    serving, device = plan.serving, plan.serving.per_device if plan.serving else None
    if serving is None or device is None or device.weights_low is None or device.budget_max is None:
        return
    cache = serving.sequence_bytes_low
    if cache is None or serving.context is None or device.weights_low > device.budget_max:
        return
    need = device.weights_low + cache
    if need > device.budget_max:
        yield Violation(
            "deployment.context",
            f"one sequence of {serving.context:,} tokens does not fit: {gib(device.weights_low)} of weights + {gib(cache)} of KV cache"
            f" = {gib(need)} on each device and {has(plan)}: {gib(need - device.budget_max)} too much\n{cache_working(serving)}",
            remedies(serving),
            (("deployment.hardware", has(plan)),),
            "warning" if serving.engine in SPILLING or _assumed_context(plan) else None,
            shorter(plan),
            serving.engine is not None and serving.engine not in SPILLING and _is_useful(serving),
        )


def shorter(plan: Plan) -> tuple[Change, ...]:
    """The longest context that fits in the stated one's place."""
    serving, stated = plan.serving, plan.workload.serving
    longest = proposed(serving.fixes if serving else (), "context")
    if longest is None or stated is None or stated.context is None or longest >= stated.context:
        return ()
    prompts = (value for key, value in stated.engine_args.items() if "max_input" in key)
    if any(isinstance(value, int) and value >= longest for value in prompts):
        return ()
    return (Change("deployment.context", longest),)


def _is_useful(serving: ServingPlan) -> bool:
    """Whether what fits is still a context to work with; below that something else is wrong."""
    longest = proposed(serving.fixes, "context")
    return longest is not None and longest >= USEFUL


def _assumed_context(plan: Plan) -> bool:
    """Whether the context is the engine's default and not the config's word: something else may set it."""
    return plan.workload.serving is not None and plan.workload.serving.context is None


@rule("FIT003", "predicted-out-of-memory", "warning")
def predicted_out_of_memory(plan: Plan) -> Iterator[Violation]:
    """It is not proved, but predicted, that one sequence at the stated context finds no room.

    ## What it does
    Takes from the engine's budget, besides the weights, what the engine is known to need itself: the activation peak of its profile
    run, communication buffers and library workspaces, CUDA graphs. What is left must hold the KV cache of one sequence.

    ## Why
    These parts depend on the engine's version and on the device; the prediction is checked against published start-up logs
    (docs/accuracy.md), where it is right to about 1 GiB. That is why it is a warning and not an error.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment:
      engine: vllm
      context: 4096
      hardware: {accelerator: T4, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment:
      engine: vllm
      context: 4096
      hardware: {accelerator: L4, count: 1}
    ```
    """
    serving = plan.serving
    if serving is None or serving.fits is not False or serving.fits_basis != "predicted":
        return
    available, need = serving.per_device.kv_available, serving.sequence_bytes
    if available is not None and need is not None and need > available:
        what = "leaves nothing for the KV cache" if available <= 0 else f"leaves {gib(available)} for the KV cache"
        yield Violation(
            "deployment.context",
            f"{engine(serving)} {what}; one sequence of {serving.context:,} tokens needs {gib(need)}\n{budget_working(serving)}",
            remedies(serving),
            (("deployment.hardware", has(plan)),),
            changes=shorter(plan),
        )


@rule("FIT004", "little-headroom", "warning")
def little_headroom(plan: Plan) -> Iterator[Violation]:
    """It fits, with less than 5 % of the device's memory to spare.

    ## What it does
    Compares what weights, KV cache (`context` × `concurrency`), activations and the engine's own parts leave free with 5 % of the
    device's memory.

    ## Why
    Fragmentation, a newer driver, a desktop, or another process on the card take that much. An error in production costs more than
    a slightly smaller context now.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {context: 4096, concurrency: 5, hardware: {memory: 24GiB}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {context: 4096, concurrency: 2, hardware: {memory: 24GiB}}
    ```

    ## Settings
    `thresholds.headroom` is the share that should stay free (default: 0.05).
    """
    serving = plan.serving
    if serving is None or not serving.fits:
        return
    device = serving.per_device
    free = device.free
    if device.usable is None or free is None:
        return
    wanted = HEADROOM if plan.thresholds.headroom is None else plan.thresholds.headroom
    if free < wanted * device.usable:
        yield Violation(
            "deployment.hardware",
            f"it fits with {gib(free)} to spare, {100 * free / device.usable:.1f} % of {gib(device.usable)};"
            f" less than {100 * wanted:.3g} % is tight\n{budget_working(serving)}",
            remedies(serving),
        )


@rule("FIT005", "concurrency-exceeds-cache", "warning")
def concurrency_exceeds_cache(plan: Plan) -> Iterator[Violation]:
    """One sequence fits, but not as many at once as `concurrency` says.

    ## What it does
    Multiplies the KV cache of one sequence at the stated context by `concurrency` and compares it with what is left for the cache.

    ## Why
    An engine with a paged cache (vLLM, SGLang, TGI) makes the sequences beyond it wait or recomputes them: the service is slower
    than planned, at worst by the ratio that the message gives. An engine that holds all of them runs out of memory.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment:
      engine: vllm
      context: 4096
      concurrency: 64
      hardware: {accelerator: A100-40GB, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment:
      engine: vllm
      context: 4096
      concurrency: 8
      hardware: {accelerator: A100-40GB, count: 1}
    ```
    """
    serving = plan.serving
    if serving is None or serving.fits is not False or serving.fits_basis != "predicted":
        return
    available, one = serving.per_device.kv_available, serving.sequence_bytes
    if available is None or one is None or one > available:
        return
    effect = "the rest wait" if serving.paged else "it runs out of memory"
    yield Violation(
        "deployment.concurrency",
        f"{serving.concurrency:,} sequences of {serving.context:,} tokens need {gib(one * serving.concurrency)} of KV cache per device;"
        f" {gib(available)} are left, enough for {int(available / one):,}: {effect}\n{budget_working(serving)}",
        remedies(serving),
        changes=_fewer(plan, serving),
    )


def _fewer(plan: Plan, serving: ServingPlan) -> tuple[Change, ...]:
    """As many sequences as fit; llama.cpp would give those that are left a longer context each."""
    most = proposed(serving.fixes, "concurrency")
    divides = serving.engine == "llama.cpp" and plan.workload.format != "native"
    return () if most is None or divides else (Change("deployment.concurrency", most),)
