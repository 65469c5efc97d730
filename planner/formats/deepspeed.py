"""DeepSpeed's JSON: how states are sharded and what is offloaded. A part of another config; it names no model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from planner.formats.launch import STAGES, Launch, half, number
from planner.formats.native import fields
from planner.formats.training import Settings
from planner.workload import NotChecked, Problem, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document, Path

OWN = frozenset({
    "train_batch_size", "train_micro_batch_size_per_gpu", "gradient_accumulation_steps", "zero_optimization", "fp16",
    "bf16", "steps_per_print", "wall_clock_breakdown", "zero_allow_untested_optimizer", "gradient_clipping",
    "prescale_gradients", "activation_checkpointing", "optimizer", "scheduler",
})  # fmt: skip
BATCHES = ("train_batch_size", "train_micro_batch_size_per_gpu")
PART = "it is DeepSpeed's part of a training config and names no model"
MEND = "lint the config that refers to it: it is read together with that"


def recognise(document: Document) -> bool:
    """Whether it has DeepSpeed's own section, or its batch beside others of its sections."""
    data = document.data
    if not isinstance(data, dict) or "model" in data or "num_layers" in data or "num-layers" in data:
        return False
    zero = data.get("zero_optimization")
    if isinstance(zero, bool) or (isinstance(zero, dict) and len(zero) > 0):
        return True
    return any(key in data for key in BATCHES) and len(OWN & data.keys()) >= 3


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The part by itself: nothing to be worked out, but perhaps contradictions."""
    settings = Settings(document, context)
    settings.not_checked.append(NotChecked("part", PART, MEND, "training"))
    yield settings.workload("deepspeed", None, None)._replace(problems=tuple(contradictions(document.data)))


def launch(data: Mapping[str, Any], document: Document, above: Path = ()) -> Launch:
    """What a config says; its values are at `above` in `document`. What is "auto" follows the training config."""
    zero = data.get("zero_optimization")
    section = zero if isinstance(zero, dict) else {}
    stage = _stage(zero)
    values = {
        "sharding": STAGES.get(stage),
        "offload": _offload(section, stage),
        "reduce_bucket_size": fields.count(section.get("reduce_bucket_size")) if stage >= 1 else None,
        "max_live_parameters": fields.count(section.get("stage3_max_live_parameters")) if stage == 3 else None,
        "precision": "bf16" if half(data, "bf16") else "fp16" if half(data, "fp16") else None,
        "micro_batch_size": number(data.get("train_micro_batch_size_per_gpu")),
        "gradient_accumulation": number(data.get("gradient_accumulation_steps")),
        "global_batch_size": number(data.get("train_batch_size")),
    }
    places: dict[str, Path] = {
        "sharding": ("zero_optimization", "stage"), "offload": ("zero_optimization",),
        "reduce_bucket_size": ("zero_optimization", "reduce_bucket_size"),
        "max_live_parameters": ("zero_optimization", "stage3_max_live_parameters"),
        "micro_batch_size": ("train_micro_batch_size_per_gpu",), "precision": ("bf16",),
        "gradient_accumulation": ("gradient_accumulation_steps",), "global_batch_size": ("train_batch_size",),
    }  # fmt: skip
    kept = {name: (*above, *path) for name, path in places.items() if values[name] is not None}
    return Launch(**values, places=kept, document=document)  # type: ignore[arg-type]


def _stage(zero: object) -> int:
    """The stage; 0 where none is stated (zero/config.py)."""
    if isinstance(zero, bool):
        return int(zero)
    stage = zero.get("stage", 0) if isinstance(zero, dict) else 0
    return stage if isinstance(stage, int) and stage in STAGES else 0 if stage is None else -1


def _offload(zero: Mapping[str, Any], stage: int) -> str | None:
    """What is kept on the host or on disk; of parameters with stage 3 alone, of optimizer states from stage 1."""
    if stage == 3 and (_away(zero.get("offload_param")) or zero.get("cpu_offload_param") is True):
        return "parameters"
    if stage >= 1 and (_away(zero.get("offload_optimizer")) or zero.get("cpu_offload") is True):
        return "optimizer"
    return "none" if stage >= 1 else None


def _away(section: object) -> bool:
    return isinstance(section, dict) and str(section.get("device", "none")).lower() in ("cpu", "nvme")


def contradictions(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What DeepSpeed refuses, or leaves out without a word."""
    if half(data, "fp16") and half(data, "bf16"):
        yield Problem(
            "CFG011", "`fp16` and `bf16` are both enabled: DeepSpeed stops", ("fp16", "enabled"),
            help="switch one of them off", related=((("bf16", "enabled"), "the other one"),),
        )  # fmt: skip
    yield from _batches(data)
    zero = data.get("zero_optimization")
    section, stage = zero if isinstance(zero, dict) else {}, _stage(zero)
    for key, least, name in (("offload_param", 3, "parameters"), ("offload_optimizer", 1, "optimizer states")):
        if _away(section.get(key)) and 0 <= stage < least:
            message = f"`{key}` has no effect at ZeRO stage {stage}: {name} stay on the device"
            help = f"`stage: {least}` or higher offloads them" if least < 3 else "`stage: 3` offloads them"
            yield Problem("CFG012", message, ("zero_optimization", key), help=help, on_key=True)


def _batches(data: Mapping[str, Any]) -> Iterator[Problem]:
    """A batch that is no multiple of micro-batch × accumulation, on however many devices."""
    whole, micro = (number(data.get(key)) for key in BATCHES)
    steps = number(data.get("gradient_accumulation_steps")) or 1
    if not whole or not micro or whole % (micro * steps) == 0:
        return
    yield Problem(
        "CFG011",
        f"`train_batch_size: {whole}` is no multiple of micro-batch × accumulation = {micro} × {steps} ="
        f" {micro * steps}: no number of devices makes it so",
        ("train_batch_size",),
        help=f"`train_batch_size: {micro * steps}` × the number of devices, or leave it out: it is worked out",
        related=((("train_micro_batch_size_per_gpu",), f"micro-batch {micro}"),),
    )
