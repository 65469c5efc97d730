"""REF: something that the config refers to could not be resolved."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from planner.plan.types import Plan, TrainingMemory, TrainingPlan
from planner.rules.registry import Violation, reported, rule
from planner.units import gib

reported(
    "REF001",
    "unknown-model",
    "warning",
    """The model is neither in the catalogue nor described.

    ## What it does
    Reports a `model.name` that is no catalogue name, no path to a config.json and no model in the local Hugging Face cache, when
    neither `parameters` nor `architecture` is given. The config counts as not checked.

    ## Why
    Without the model's size nothing can be computed, and guessing would be worse.

    ## Example
    ```yaml
    model: {name: our-team/secret-7b}
    deployment: {context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: our-team/secret-7b, parameters: 7B, dtype: bfloat16}
    deployment: {context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```
    """,
)

reported(
    "REF002",
    "unknown-accelerator",
    "warning",
    """The accelerator or the cloud instance is not in the catalogue.

    ## What it does
    Reports names that `planner hardware` does not know, with the closest ones. The fit is not checked.

    ## Why
    "80 GB" is not what a driver reports, so the catalogue has measured sizes; for hardware that it lacks, state the memory.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {context: 4096, hardware: {accelerator: H1000, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {context: 4096, hardware: {memory: 80GB, count: 1}}
    ```
    """,
)


@rule("REF003", "hardware-not-stated", "info")
def hardware_not_stated(plan: Plan) -> Iterator[Violation]:
    """The deployment or the training run does not say what it runs on, so its fit is not checked.

    ## What it does
    Says how much memory each device needs and which common accelerators have it; of a training run that does not state how long its
    samples are, what it holds besides their activations: weights, gradients and optimizer states.

    ## Why
    Most files give a number of GPUs and not which. Say it once: in the file, in a comment (`# planner: hardware=H100-80GB:1`), or with
    `--hardware`.

    ## Example
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {engine: vllm, context: 4096}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {engine: vllm, context: 4096, hardware: {accelerator: L4, count: 1}}
    ```
    """
    yield from _for_training(plan)
    stated = plan.workload.serving.hardware if plan.workload.serving else None
    serving = plan.serving
    if serving is None or (stated and (stated.name or stated.memory)):
        return
    least = serving.needed_bytes or serving.per_device.weights
    if least is None:
        return
    number = (stated.count if stated else None) or serving.devices or 1
    each = f" on each of {number} devices" if number > 1 else ""
    what = f"it needs {gib(least)}{each}" if serving.needed_bytes else f"the weights alone take {gib(least)}{each}"
    share = plan.workload.serving.memory_utilization if plan.workload.serving else None
    part = f", of which it may use {share:.0%}" if share is not None and share < 0.8 and serving.needed_bytes else ""
    which = "which devices it runs on is not stated" if stated and stated.count else "no hardware is stated"
    names = ", ".join(serving.accelerators_that_fit)
    native = "`hardware: {accelerator: …}`, " if plan.workload.format == "native" else ""
    yield Violation(
        "deployment.hardware",
        f"{which}, the fit is not checked: {what}{part}",
        (f"{names} have that much\n" if names else "no common accelerator has that much\n")
        + f"add {native}a comment `# planner: hardware=H100-80GB:{number}`, or --hardware",
    )


def _for_training(plan: Plan) -> Iterator[Violation]:
    """The same of a training step."""
    training, workload = plan.training, plan.workload
    memory = training.per_device if training else None
    if training is None or memory is None or memory.usable is not None:
        return
    known = workload.training.hardware.count if workload.training and workload.training.hardware else None
    which = "which devices it runs on is not stated" if known else "no hardware is stated"
    least = known or _ranks(plan)
    each = f"on each of {least} devices" if least > 1 else "on one device"
    native = "`hardware: {accelerator: …, count: …}`, " if workload.format == "native" else ""
    more = [share for share in training.by_devices if share.devices > least]
    count = known or (training.by_devices[1].devices if len(training.by_devices) > 1 else least)
    yield Violation(
        "training.hardware",
        f"{which}, the fit is not checked: {_need(memory)} {each}"
        + "".join(f", {gib(share.bytes)} on each of {share.devices}" for share in more)
        + (" if they shard it (ZeRO-3, FSDP)" if more and not _shards(plan) else ""),
        f"{_enough(training)}\nadd {native}a comment `# planner: hardware=H100-80GB:{count}`, or --hardware",
    )


def _need(memory: TrainingMemory) -> str:
    """What a step needs; without the length of the samples, what it holds besides their activations."""
    if memory.peak is not None:
        return f"a training step needs {gib(memory.peak)}"
    parts = (("weights", memory.weights), ("gradients", memory.gradients), ("optimizer states", memory.optimizer),
             ("further models", memory.companions))  # fmt: skip
    named = [name for name, size in parts if size]
    states = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    return f"besides its activations a training step holds {gib(memory.needed)} ({states})"


def _ranks(plan: Plan) -> int:
    """Devices that the stated parallelism takes at least."""
    run = plan.workload.training
    stated = (run.tensor_parallel, run.pipeline_parallel, run.context_parallel, run.expert_parallel) if run else ()
    return prod(degree for degree in stated if degree)


def _shards(plan: Plan) -> bool:
    return plan.workload.training is not None and plan.workload.training.sharding is not None


def _enough(training: TrainingPlan) -> str:
    """The accelerators that have what is needed, by their number."""
    names = {1: training.accelerators_that_fit, **{share.devices: share.accelerators for share in training.by_devices}}
    if len(names) == 1 or not any(names.values()):
        found = ", ".join(names[1])
        return f"{found} have that much" if found else "no common accelerator has that much"
    lines = (f"{count}: {', '.join(found)}" for count, found in names.items() if found)
    return "enough of these, by their number:\n" + "\n".join(lines)


reported(
    "REF004",
    "file-not-found",
    "error",
    """A section refers to a file that cannot be read.

    ## What it does
    Reports a `model:`, `deployment:` or `training:` that is a path to a missing file, a file without that section, or a circle of
    files that refer to each other.

    ## Why
    The config is incomplete, and nothing that depends on the section can be checked.

    ## Example
    ```yaml
    model: ./there-is-no-such-file.yaml
    deployment: {context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```

    ## Use instead
    ```yaml
    model: {name: meta-llama/Llama-2-7b-hf, dtype: float16}
    deployment: {context: 4096, hardware: {accelerator: A100-80GB, count: 1}}
    ```
    """,
)
