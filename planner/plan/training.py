"""A training run worked out: what one device holds at the peak of a step, in which phase, and whether it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training.partial import strangers
from planner.memory.training.phases import peak, states_of
from planner.plan.training_step import Filled, filled, least
from planner.plan.types import Share, TrainingMemory, TrainingPlan
from planner.units import GIB, gib
from planner.workload import NotChecked

if TYPE_CHECKING:
    from planner.memory.training.step import Peak
    from planner.plan.types import ModelPlan
    from planner.workload import Training, Workload

RUNTIME = GIB
"""What a process takes besides its tensors (CUDA context, cuBLAS, NCCL): 0.7 to 1.5 GiB by out-of-memory reports."""

LAUNCHED = frozenset({"axolotl", "llama-factory", "trl", "open-instruct", "fms-hf-tuning", "ms-swift"})
"""Formats whose runs can be given DeepSpeed or FSDP by the command that starts them (`accelerate launch`)."""

TIGHT = 0.90
"""Share of the device from which fragmentation, and the error of the prediction itself, decide."""

COUNTS = (2, 8, 32)
"""Devices for which it is worked out what each needs, where their number is not stated."""


def training_plan(workload: Workload, model: ModelPlan | None) -> tuple[TrainingPlan | None, tuple[NotChecked, ...]]:
    """The memory of `workload`'s training step, and what keeps it from being complete."""
    training = workload.training
    if training is None or not asked(training):
        return None, ()
    found = filled(training, model) if model is not None else None
    if model is None or found is None:
        return None, ()
    if unknown := strangers(found.step):
        because = f"no parameter of the model is called `{unknown[0]}`: what is trained is not known"
        return None, (NotChecked("training", because, "", "training"),)
    lacking = missing(training, model)
    reached = peak(found.step)
    memory = device(training, reached, complete=not lacking)
    memory = memory._replace(states_low=lower_bound(training, model, found) if _provable(workload) else None)
    fits, basis = verdict(memory)
    guessed = fits is False and basis == "predicted" and layout_unknown(training, found)
    alone = fits is False and workload.format != "native" and number_open(training, found)
    if guessed or alone:
        fits, basis = None, "unknown"
    plan = TrainingPlan(
        training.stage, found.step.devices, memory, fits, basis, assumptions=found.assumptions,
        phases=tuple((phase.name, phase.total + RUNTIME) for phase in reached.phases) if not lacking else (),
    )  # fmt: skip
    if memory.peak is not None and memory.usable is not None and (fits is False or memory.peak > TIGHT * memory.usable):
        from planner.plan.training_fixes import fixes

        target = memory.usable if fits is False else int(TIGHT * memory.usable)
        plan = plan._replace(fixes=fixes(training, found.step, target, workload.format))
    if memory.usable is None:
        plan = plan._replace(accelerators_that_fit=_fitting(memory.needed))
        plan = plan._replace(by_devices=_shares(training, found, bool(plan.accelerators_that_fit), not lacking))
    if alone:
        return plan, (_too_few(memory, training),)
    native = workload.format == "native"
    said = {item.field for item in workload.not_checked}
    untold = tuple(entry for entry in lacking if f"training.{entry[0]}" not in said)
    return plan, _not_checked(memory, untold, guessed, native)


def _provable(workload: Workload) -> bool:
    """Whether the config itself says where states live: what starts a run may shard them, or keep them on the host."""
    origin = workload.origins.get("training.sharding")
    return workload.format not in LAUNCHED or (origin is not None and origin.kind == "key")


def _fitting(size: int) -> tuple[str, ...]:
    from planner.catalog.accelerators import fitting

    return tuple(row.name for row in fitting(size)[:5])


def _shares(training: Training, found: Filled, fits: bool, complete: bool) -> tuple[Share, ...]:
    """What each of several devices needs, where their number decides and is not stated; states alone unless `complete`.

    How they share the states may be open as well; then sharding all of them is looked at where one alone cannot hold
    them.
    """
    step = found.step
    sharded = step.sharding == "fsdp" or step.sharding.startswith("zero")
    if (training.hardware and training.hardware.count) or (not sharded and (fits or training.sharding)):
        return ()
    step = step if sharded else step._replace(sharding="zero3")
    least = step.tensor * step.pipeline * step.context
    reached = {count: peak(step._replace(devices=count)) for count in COUNTS if count % least == 0}
    sizes = {count: (each.phase if complete else each.states).total + RUNTIME for count, each in reached.items()}
    shares = tuple(Share(count, size, _fitting(size)) for count, size in sizes.items())
    useful = len(set(sizes.values())) > 1 and (sharded or any(share.accelerators for share in shares))
    return shares if useful else ()


def asked(training: Training) -> bool:
    """Whether a section speaks of memory at all; one that plans tokens alone does not."""
    return training.hardware is not None or training.micro_batch_size is not None


def layout_unknown(training: Training, found: Filled) -> bool:
    """Whether nothing says how several devices share the model: a launcher's own file often does."""
    stated = (training.sharding, training.tensor_parallel, training.pipeline_parallel)
    return found.step.devices > 1 and found.step.sharding == "ddp" and stated == (None, None, None)


def number_open(training: Training, found: Filled) -> bool:
    """Whether the launch decides over how many devices the model is shared out: the config and its framework do so."""
    if training.hardware is None or training.hardware.count:
        return False
    sharding = training.sharding or found.defaults.sharding
    split = found.step.tensor * found.step.pipeline * found.step.context > 1
    return split or sharding == "fsdp" or sharding.startswith("zero")


def _too_few(memory: TrainingMemory, training: Training) -> NotChecked:
    name = training.hardware.name if training.hardware and training.hardware.name else "device"
    because = f"how many devices share the model is not stated: one {name} is too small for {gib(memory.needed)}"
    return NotChecked(
        "training", because, "give their number: `# planner: hardware=H100-80GB:8`, or --hardware", "training"
    )


def missing(training: Training, model: ModelPlan) -> tuple[tuple[str, str], ...]:
    """(what is not stated, the line that would mend it) without which activations cannot be known."""
    lacking = []
    if not training.micro_batch_size or training.micro_batch_size < 1:
        lacking.append(("micro_batch_size", "add `micro_batch_size: 1`"))
    if not training.sequence_length or training.sequence_length < 1:
        lacking.append(("sequence_length", "add `sequence_length: 4096`"))
    if model.architecture is None:
        lacking.append(("the model's architecture", "give a known `model.name`, or `architecture`"))
    return tuple(lacking)


def device(training: Training, reached: Peak, complete: bool) -> TrainingMemory:
    """One device at the peak, by part; states alone where the activations are not known."""
    hardware = training.hardware
    phase = reached.phase if complete else reached.states
    return TrainingMemory(
        usable=hardware.memory if hardware else None,
        usable_max=hardware.memory_max if hardware else None,
        weights=phase.weights,
        gradients=phase.gradients,
        optimizer=phase.optimizer,
        activations=phase.activations if complete else None,
        logits=phase.logits if complete else None,
        runtime=RUNTIME,
        peak=phase.total + RUNTIME if complete else None,
        states_low=None,
        phase=phase.name if complete else None,
        companions=phase.companions,
    )


def lower_bound(training: Training, model: ModelPlan, found: Filled) -> int:
    """States that no reading of the config can do without, in bytes."""
    step = least(training, model, found)
    states = states_of(step)
    early = found.defaults.early_gradients or step.optimizer.startswith(("galore", "apollo"))
    return states.total - (states.gradients if early else 0)


def verdict(memory: TrainingMemory) -> tuple[bool | None, str]:
    """Whether it fits and how we know: proved where the lower bound exceeds the most that the device can have."""
    if memory.usable_max is not None and memory.states_low is not None and memory.states_low > memory.usable_max:
        return False, "proved"
    if memory.usable is None:
        return None, "unknown"
    if memory.peak is None:
        return (False, "predicted") if memory.needed > memory.usable else (None, "unknown")
    return memory.peak <= memory.usable, "predicted"


def _not_checked(
    memory: TrainingMemory, lacking: tuple[tuple[str, str], ...], guessed: bool, native: bool
) -> tuple[NotChecked, ...]:
    """What keeps the verdict from being complete; only a `native` config has planner's own keys to mend it with."""
    if lacking:
        names, mends = zip(*lacking, strict=True)
        because = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not stated: activations are not known"
        return (NotChecked("training", because, ", ".join(mends) if native else "", "training"),)
    if guessed:
        because = "how the devices share the model is not stated, and whole on each of them it does not fit"
        mend = "add `sharding: zero3`" if native else "name the DeepSpeed or FSDP config that it is started with"
        return (NotChecked("training", because, mend, "training"),)
    if memory.usable is None and memory.peak is not None:
        comment = "a comment `# planner: hardware=H100-80GB:8`, or --hardware"
        mend = f"add `hardware: {{accelerator: H100-80GB, count: 8}}`, {comment}" if native else f"add {comment}"
        return (NotChecked("training", "no hardware is stated", mend, "training"),)
    return ()
