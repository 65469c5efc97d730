"""TOK: does the run pay: its demand, its time, its schedule?"""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan
from planner.rules import token_wording as wording
from planner.rules.registry import Violation, rule

PAYS_OFF = 0.1
"""Share of the break-even demand below which overtraining is worth a word."""
LONG, FEW_BITS = 200, 4.5
"""Tokens a parameter, and bits a parameter, from which rounding the weights costs noticeably."""
APART = 0.25
"""Share by which a schedule may differ from the run."""


@rule("TOK004", "overtraining-unpaid", "info")
def overtraining_unpaid(plan: Plan) -> Iterator[Violation]:
    """A small model is trained long to be cheap to serve, but the declared demand does not pay for it.

    ## What it does
    Works out how many served tokens make this size and these tokens the cheapest way to their loss
    (break-even), and compares with `lifetime_inference_tokens`. Below a tenth of it: info. Without a declared demand
    nothing is said: training past the compute-optimal point is usual and right for a model that is served (Llama 3 8B
    saw 1,870 tokens a parameter).

    ## Why
    At equal loss the compute-optimal model costs less to train; the smaller one saves 2 FLOPs per parameter
    and served token. Whether that pays depends on the demand alone.

    ## Formula and source
    Break-even = 3·D·(αA·N^−α/(βB·D^−β) − 1), the first-order condition of Sardana et al. 2023
    (arXiv 2401.00448), eq. 3, with the constants of Besiroglu et al. 2024.

    ## Example
    ```yaml
    model: {parameters: 8B}
    training: {stage: pretrain, tokens: 15T, lifetime_inference_tokens: 1T}
    ```

    ## Use instead
    ```yaml
    model: {parameters: 8B}
    training: {stage: pretrain, tokens: 15T, lifetime_inference_tokens: 100T}
    ```
    """
    tokens, training = plan.tokens, plan.workload.training
    demand = training.lifetime_inference_tokens if training else None
    if tokens is None or demand is None or tokens.verdict != "overtrained" or tokens.break_even_tokens is None:
        return
    if demand < PAYS_OFF * tokens.break_even_tokens:
        yield Violation(
            "training.lifetime_inference_tokens",
            wording.unpaid(plan, tokens, demand),
            wording.inference_remedy(tokens),
            ((tokens.field, tokens.working),),
        )


@rule("TOK005", "long-trained-quantized", "info")
def long_trained_quantized(plan: Plan) -> Iterator[Violation]:
    """A model that is trained very long is to be served in 4 bit or less.

    ## What it does
    Reports a config that trains on more than 200 tokens a parameter and deploys the same model with at most 4.5 bits
    a parameter.

    ## Why
    The longer a model is trained, the more it loses when its weights are rounded afterwards. Everybody serves Llama 3
    8B (1,870 tokens a parameter) in 4 bit, so this is no warning; but the loss is worth measuring, and calibrated
    methods (GPTQ, AWQ), quantization-aware training or 8 bit keep more.

    ## Formula and source
    Kumar et al. 2024, Scaling Laws for Precision (arXiv 2411.04330); Ouyang et al. 2024 (2411.17691).

    ## Example
    ```yaml
    model: {parameters: 8B, dtype: int4}
    deployment: {context: 8192, hardware: {accelerator: H100-80GB, count: 1}}
    training: {stage: pretrain, tokens: 15T}
    ```

    ## Use instead
    ```yaml
    model: {parameters: 8B, dtype: int8}
    deployment: {context: 8192, hardware: {accelerator: H100-80GB, count: 1}}
    training: {stage: pretrain, tokens: 15T}
    ```
    """
    tokens, model = plan.tokens, plan.model
    if tokens is None or model is None or plan.serving is None or tokens.per_parameter is None:
        return
    bits = model.bits_per_parameter
    if tokens.per_parameter > LONG and bits is not None and bits <= FEW_BITS:
        field = "model.quantization" if plan.workload.model and plan.workload.model.quantization else "model.dtype"
        yield Violation(
            field,
            f"{tokens.per_parameter:,.0f} tokens a parameter, served at {bits:.3g} bits a parameter:"
            " what was trained longest loses most by rounding",
            "measure the loss; AWQ or GPTQ with calibration, quantization-aware training or 8 bit keep more",
            ((tokens.field, tokens.working),),
        )


@rule("TOK011", "impossible-duration", "warning")
def impossible_duration(plan: Plan) -> Iterator[Violation]:
    """The stated time is shorter than any hardware of this kind has ever needed, or most of it goes to waste.

    ## What it does
    Divides the FLOPs of the run by the stated device hours (`gpu_hours`, or `days` × devices) and the dense peak of
    the device. A model FLOPs utilization (MFU) above 65 %, above 60 % from Hopper on, is a warning; below 10 % is info.

    ## Why
    The run will not be over by then, or its tokens, size or devices are wrong. Whole runs reach 14 to 51 % on A100s
    and 14 to 35 % on H100s, single-step benchmarks 64 and 48 %. Recomputed activations and restarts are not work that
    counts.

    ## Formula and source
    MFU = (6·N + 12·L·d·s) · tokens ÷ (device hours · 3600 · peak): Chowdhery et al. 2022 (PaLM, arXiv 2204.02311),
    appendix B. Published hours: docs/scaling.md.

    ## Example
    ```yaml
    model: {parameters: 70B}
    training: {stage: pretrain, tokens: 1.4T, days: 10, hardware: {accelerator: A100-80GB, count: 1024}}
    ```

    ## Use instead
    ```yaml
    model: {parameters: 70B}
    training: {stage: pretrain, tokens: 1.4T, days: 60, hardware: {accelerator: A100-80GB, count: 1024}}
    ```
    """
    from planner.scaling.compute import MFU_IDLE

    tokens = plan.tokens
    if tokens is None or tokens.implied_mfu is None or tokens.mfu_limit is None:
        return
    if MFU_IDLE <= tokens.implied_mfu <= tokens.mfu_limit:
        return
    yield Violation(
        tokens.implied_field,
        wording.duration(tokens),
        wording.duration_remedy(tokens),
        ((tokens.field, tokens.working),),
        "info" if tokens.implied_mfu < MFU_IDLE else None,
    )


@rule("TOK012", "schedule-differs-from-run", "warning")
def schedule_differs_from_run(plan: Plan) -> Iterator[Violation]:
    """The learning rate decays over another number of steps than the run has.

    ## What it does
    Compares `schedule_steps` with `steps` in pre-training from scratch. More than 25 % apart is a warning. Trials of at
    most 1,000 steps and schedules that hold a constant rate (WSD) have no such number.

    ## Why
    A cosine that is still high when the run ends, or has long reached its floor, costs loss: Kaplan et al. took one
    schedule for all lengths and concluded that data matter little; Hoffmann et al. found that beyond 25 % it
    clearly hurts.

    ## Formula and source
    Hoffmann et al. 2022 (arXiv 2203.15556), appendix B, figure A1.

    ## Example
    ```yaml
    model: {parameters: 1B}
    training: {stage: pretrain, steps: 20000, schedule_steps: 40000, global_batch_size: 512, sequence_length: 2048}
    ```

    ## Use instead
    ```yaml
    model: {parameters: 1B}
    training: {stage: pretrain, steps: 20000, schedule_steps: 20000, global_batch_size: 512, sequence_length: 2048}
    ```
    """
    tokens = plan.tokens
    if tokens is None or tokens.schedule is None:
        return
    schedule, steps = tokens.schedule
    if abs(schedule / steps - 1) > APART:
        yield Violation(
            "training.schedule_steps",
            wording.horizon(schedule, steps),
            f"let the learning rate decay over {steps:,} steps",
            (("training.steps", f"{steps:,} steps"),),
        )
