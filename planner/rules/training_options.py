"""CFG013: options of a training run that leave each other without effect, or that frameworks refuse together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.rules.registry import Violation, rule

if TYPE_CHECKING:
    from planner.plan.types import Plan
    from planner.workload import Training


@rule("CFG013", "training-options-contradict", "warning")
def training_options_contradict(plan: Plan) -> Iterator[Violation]:
    """Options of a training run contradict each other.

    ## What it does
    Reports pairs of which one has no effect, or that frameworks refuse: an update within the backward pass and gradients that are
    accumulated; parameters moved to the host that are not sharded; sequence parallelism without tensor parallelism; interleaved stages
    without a pipeline, or more of them than layers can be dealt out to; an adapter beside full training.

    ## Why
    torchtune stops at the first, Megatron-LM switches sequence parallelism off without a word and stops where layers cannot be dealt
    out, DeepSpeed asks for stage 3 before it moves parameters. A config that says both means one of them.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: torchtune
      micro_batch_size: 1
      sequence_length: 2048
      gradient_accumulation: 8
      optimizer_in_backward: true
      optimizer: paged-adamw-8bit
      hardware: {accelerator: H100-80GB, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: torchtune
      micro_batch_size: 1
      sequence_length: 2048
      gradient_accumulation: 1
      optimizer_in_backward: true
      optimizer: paged-adamw-8bit
      activation_checkpointing: full
      hardware: {accelerator: H100-80GB, count: 1}
    ```
    """
    training = plan.workload.training
    if training is None:
        return
    architecture = plan.model.architecture if plan.model else None
    yield from _without_effect(training)
    yield from _refused(training, len(architecture.layers) if architecture else None)


def _without_effect(training: Training) -> Iterator[Violation]:
    if training.sequence_parallel and training.tensor_parallel == 1:
        yield _pair("sequence_parallel", "tensor_parallel", "is on, but no devices share a layer", "leave it out")
    if (training.virtual_pipeline or 1) > 1 and (training.pipeline_parallel or 1) == 1:
        what = f"is {training.virtual_pipeline}, but there is one pipeline stage"
        yield _pair("virtual_pipeline", "pipeline_parallel", what, "set pipeline_parallel, or leave it out")
    if training.method == "full" and training.lora is not None and training.lora.rank:
        yield _pair("lora", "method", "describes an adapter, but every weight is trained", "write `method: lora`")


def _refused(training: Training, layers: int | None) -> Iterator[Violation]:
    accumulated = training.gradient_accumulation or 1
    if training.optimizer_in_backward and accumulated > 1:
        what = f"is on, but {accumulated} micro-batches are accumulated: a gradient is gone before the next is added"
        yield _pair("optimizer_in_backward", "gradient_accumulation", what, "accumulate 1, or switch it off")
    if training.offload == "parameters" and training.sharding in ("none", "ddp", "zero1", "zero2"):
        what = f"moves parameters to the host, but with {training.sharding} every device holds all of them"
        yield _pair("offload", "sharding", what, "use zero3 or fsdp, or `offload: optimizer`")
    parts = (training.pipeline_parallel or 1) * (training.virtual_pipeline or 1)
    if layers and parts > 1 and training.framework in ("megatron", "nemo") and layers % parts:
        what = f"makes {parts} parts with virtual_pipeline, among which {layers} layers cannot be dealt out evenly"
        yield _pair(
            "pipeline_parallel", "virtual_pipeline", what, f"choose sizes whose product divides {layers}", "model"
        )


def _pair(field: str, other: str, what: str, cure: str, place: str | None = None) -> Violation:
    related = place or f"training.{other}"
    return Violation(
        f"training.{field}", f"{field} {what}", cure, ((related, other if place is None else "its layers"),)
    )
