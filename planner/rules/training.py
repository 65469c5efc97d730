"""FIT, second part: does a training step fit in the device's memory?"""

from __future__ import annotations

from collections.abc import Iterator

from planner.plan.types import Plan, TrainingMemory
from planner.rules.registry import Change, Violation, rule
from planner.rules.wording import proposed
from planner.units import gib

HEADROOM = 0.106
"""Of the device's memory that should stay free: fragmentation, and the error of the prediction, are as large."""
ADVICE = {
    "cross-entropy": "the logits and their gradients",
    "backward": "the backward pass of one layer",
    "end of backward": "all gradients together",
    "optimizer step": "the optimizer's step",
    "forward": "micro-batches in flight on the first pipeline stage",
    "generation": "generation, beside all that is trained",
}
"""What each phase is made of."""


def working(memory: TrainingMemory) -> str:
    """The sum at the peak, part by part."""
    parts = (
        ("weights", memory.weights),
        ("gradients", memory.gradients),
        ("optimizer states", memory.optimizer),
        ("activations", memory.activations),
        ("logits", memory.logits),
        ("further models", memory.companions),
        ("runtime", memory.runtime),
    )
    known = [(name, size) for name, size in parts if size]
    return f"{' + '.join(f'{gib(size)} {name}' for name, size in known)} = {gib(sum(size for _, size in known))}"


def device(plan: Plan) -> str:
    """What a device is called."""
    hardware = plan.workload.training.hardware if plan.workload.training else None
    return hardware.name if hardware and hardware.name else "the device"


def remedies(plan: Plan) -> str:
    """What would fit, a line each."""
    return "\n".join(fix.text for fix in plan.training.fixes) if plan.training else ""


def assumed(plan: Plan) -> str:
    """What the prediction rests on besides what is stated, on a line of its own."""
    notes = plan.training.assumptions if plan.training else ()
    return f"\nassumed: {'; '.join(notes)}" if notes else ""


@rule("FIT010", "training-states-exceed-memory", "error")
def training_states_exceed_memory(plan: Plan) -> Iterator[Violation]:
    """Weights, gradients and optimizer states alone are larger than the device's memory.

    ## What it does
    Adds up what no training step can do without: the weights as sharded, a gradient for each trained parameter and the states of
    the stated optimizer, each in the smallest precision that the config allows. Activations, logits, buffers and the CUDA context
    are left out. The sum is compared with the most that the device can have.

    ## Why
    With AdamW in mixed precision a parameter takes 16 bytes before the first token is seen: 4 of weight, 4 of gradient, 8 of moments
    (ZeRO, arXiv:1910.02054, section 3.1, counts the same as 2 + 2 + 12). An 8B model needs 120 GiB of them. Nothing that shrinks
    activations helps.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: transformers
      method: full
      optimizer: adamw
      precision: bf16
      micro_batch_size: 1
      sequence_length: 2048
      hardware: {accelerator: A100-40GB, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: transformers
      method: qlora
      optimizer: adamw
      precision: bf16
      micro_batch_size: 1
      sequence_length: 2048
      activation_checkpointing: full
      hardware: {accelerator: A100-40GB, count: 1}
    ```
    """
    training = plan.training
    if training is None or training.fits is not False or training.fits_basis != "proved":
        return
    memory = training.per_device
    if memory.states_low is None or memory.usable_max is None:
        return
    over = memory.states_low - memory.usable_max
    split = f" over {training.devices} devices" if training.devices and training.devices > 1 else ""
    yield Violation(
        "training.hardware",
        f"weights, gradients and optimizer states{split} need at least {gib(memory.states_low)} on each device;"
        f" {device(plan)} has {gib(memory.usable_max)} at most: {gib(over)} too much",
        remedies(plan),
        (("model", f"{plan.model.total:,} parameters"),) if plan.model and plan.model.total else (),
    )


@rule("FIT011", "predicted-training-out-of-memory", "warning")
def predicted_training_out_of_memory(plan: Plan) -> Iterator[Violation]:
    """It is predicted that a training step runs out of memory.

    ## What it does
    Works the step out phase by phase: the end of the forward pass with the logits, the backward pass of a layer, its end with all
    gradients, and the optimizer's step. The largest is the peak; the message names it, because each phase has a cure of its own.
    Where the config is silent, the framework's default holds; `planner plan` lists what was assumed.

    ## Why
    Often the logits decide: in 16 bit, transformers keeps 14 bytes for each token and word of the vocabulary, 13.7 GiB for 8,192
    tokens and 128,256 words. The sums follow torch's own memory tracker to 0.1 % (docs/training-memory.md); what a framework adds
    and fragmentation are not known that well, so this is a warning.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: transformers
      method: lora
      lora: {rank: 16}
      optimizer: adamw
      precision: bf16
      micro_batch_size: 4
      sequence_length: 8192
      activation_checkpointing: full
      hardware: {accelerator: A100-80GB, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: transformers
      method: lora
      lora: {rank: 16}
      optimizer: adamw
      precision: bf16
      micro_batch_size: 4
      sequence_length: 8192
      activation_checkpointing: full
      cross_entropy: fused
      hardware: {accelerator: A100-80GB, count: 1}
    ```
    """
    training = plan.training
    if training is None or training.fits is not False or training.fits_basis != "predicted":
        return
    memory = training.per_device
    if memory.usable is None:
        return
    has = f"{device(plan)} has {gib(memory.usable)}"
    note = assumed(plan)
    if memory.peak is None:
        message = f"the states of training alone do not fit: {has}\n{working(memory)}{note}"
        yield Violation("training.hardware", message)
        return
    over, phase = gib(memory.peak - memory.usable), memory.phase or ""
    yield Violation(
        "training.micro_batch_size",
        f"a training step needs {gib(memory.peak)} on each device, {has}: {over} too much,"
        f" at the peak in {ADVICE.get(phase, phase)}\n{working(memory)}{note}",
        remedies(plan),
        (("training.hardware", f"{gib(memory.usable)} usable"),),
        changes=_smaller_batch(plan),
    )


def _smaller_batch(plan: Plan) -> tuple[Change, ...]:
    """A smaller micro-batch with as much more accumulation, where the config or its global batch says how much."""
    run, training = plan.workload.training, plan.training
    micro = proposed(training.fixes if training else (), "micro_batch_size")
    if micro is None or run is None or not run.micro_batch_size or run.micro_batch_size % micro:
        return ()
    smaller = Change("training.micro_batch_size", micro)
    if run.gradient_accumulation:
        times = run.micro_batch_size // micro
        return (smaller, Change("training.gradient_accumulation", run.gradient_accumulation * times))
    return (smaller,) if run.global_batch_size else ()


@rule("FIT012", "training-little-headroom", "warning")
def training_little_headroom(plan: Plan) -> Iterator[Violation]:
    """A training step fits, with less than 11 % of the device's memory to spare.

    ## What it does
    Compares the predicted peak of a training step with 89.4 % of the device's memory.

    ## Why
    The allocator of PyTorch reserves more than it hands out: 1 to 5 % with fixed lengths and expandable segments, 12 to 24 % were
    measured with FSDP. A run can die of it after hours, when the longest batch comes. Of published runs that were predicted to fill
    more than nine tenths of their device, a third ran out of memory.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: transformers
      method: lora
      lora: {rank: 16}
      optimizer: adamw
      precision: bf16
      micro_batch_size: 1
      sequence_length: 2048
      activation_checkpointing: full
      hardware: {memory: 21GiB, count: 1}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
    training:
      stage: finetune
      framework: transformers
      method: lora
      lora: {rank: 16}
      optimizer: adamw
      precision: bf16
      micro_batch_size: 1
      sequence_length: 2048
      activation_checkpointing: full
      cross_entropy: fused
      hardware: {memory: 21GiB, count: 1}
    ```

    ## Settings
    `thresholds.headroom` is the share that should stay free (default here: 0.106).
    """
    training = plan.training
    if training is None or not training.fits:
        return
    memory = training.per_device
    wanted = HEADROOM if plan.thresholds.headroom is None else plan.thresholds.headroom
    if memory.peak is None or memory.usable is None or memory.peak <= (1 - wanted) * memory.usable:
        return
    yield Violation(
        "training.hardware",
        f"a training step fits with {gib(memory.usable - memory.peak)} to spare of {gib(memory.usable)};"
        f" fragmentation may take that\n{working(memory)}{assumed(plan)}",
        remedies(plan),
    )
