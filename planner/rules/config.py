"""CFG: what the config says contradicts itself, or the model."""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan
from planner.rules.registry import Change, Violation, rule
from planner.units import short

TOLERANCE = 0.15
"""Names are rounded and leave things out: Gemma "7B" has 8.5B parameters, 7.8B without its embedding."""


@rule("CFG008", "parameters-contradict-architecture", "warning")
def parameters_contradict_architecture(plan: Plan) -> Iterator[Violation]:
    """The declared number of parameters is not that of the architecture.

    ## What it does
    Counts the parameters of the architecture and compares them, with and without embeddings, with `parameters`. More than 15 % apart
    is a warning; a factor of two or more is an error.

    ## Why
    One of the two is wrong, and every figure that follows is as well. Names such as "7B" are rounded, so small differences pass.

    ## Example
    ```yaml
    model:
      parameters: 70B
      architecture: {hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, intermediate_size: 11008, vocab_size: 32000}
    ```

    ## Use instead
    ```yaml
    model:
      parameters: 6.74B
      architecture: {hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, intermediate_size: 11008, vocab_size: 32000}
    ```
    """
    declared = plan.workload.model.parameters if plan.workload.model else None
    counted = plan.model.parameters if plan.model else None
    if not declared or counted is None or counted.total == 0:
        return
    ratios = [declared / counted.total, declared / max(1, counted.total - counted.embedding)]
    if any(abs(ratio - 1) <= TOLERANCE for ratio in ratios):
        return
    off = ratios[0]
    yield Violation(
        "model.parameters",
        f"{short(declared)} parameters are declared, the architecture has {counted.total:,} ({short(counted.total)}): {off:.2f} ×\n"
        f"embedding {counted.embedding:,} + attention {counted.attention:,} + FFN {counted.ffn:,} + other {counted.other:,}",
        f"write {short(counted.total)}, or leave `parameters` out: it is counted",
        (("model.architecture", f"{counted.total:,} parameters"),),
        "error" if off >= 2 or off <= 0.5 else None,
    )


@rule("CFG009", "context-beyond-model", "warning")
def context_beyond_model(plan: Plan) -> Iterator[Violation]:
    """The context is longer than what the model was made for.

    ## What it does
    Compares the stated context with the model's `max_position_embeddings`, rope scaling included.

    ## Why
    Beyond it positions are untrained and the text degrades; vLLM refuses to start unless VLLM_ALLOW_LONG_MAX_MODEL_LEN is set or the
    rope scaling is overridden.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {engine: vllm, context: 32768, hardware: {accelerator: A100-80GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```
    """
    limit = plan.model.max_context if plan.model else None
    serving = plan.workload.serving
    if limit is None or serving is None or serving.context is None or serving.context <= limit:
        return
    if any(key in serving.engine_args for key in ("rope_scaling", "rope_theta", "rope_parameters", "hf_overrides")):
        return
    yield Violation(
        "deployment.context",
        f"a context of {serving.context:,} tokens is beyond the {limit:,} that the model was made for ({serving.context / limit:.1f} ×)",
        f"context {limit:,}, or state the rope scaling that extends it",
        (("model", f"max_position_embeddings {limit:,}"),),
        changes=(Change("deployment.context", limit),),
    )


@rule("CFG010", "contradictory-architecture", "error")
def contradictory_architecture(plan: Plan) -> Iterator[Violation]:
    """Hyper-parameters that cannot hold together.

    ## What it does
    Reports what no model can have: heads that do not divide the hidden size when no head size is given, query heads that are no
    multiple of the KV heads, more experts per token than experts, lists of the wrong length, sizes below one.

    ## Why
    Such a config fails when the model is built, or describes another model than the one that was meant.

    ## Example
    ```yaml
    model:
      architecture: {hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 30, intermediate_size: 11008, vocab_size: 32000}
    ```

    ## Use instead
    ```yaml
    model:
      architecture: {hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32, intermediate_size: 11008, vocab_size: 32000}
    ```
    """
    for key, message, help in plan.model.contradictions if plan.model else ():
        yield Violation(f"model.architecture.{key}", message, help)
