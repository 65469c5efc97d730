"""The section `training`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from planner.formats.native import companions, deployment, fields, model
from planner.workload import Lora, Training

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.native.fields import Fields
    from planner.workload import Problem


WORDS = (
    "stage", "method", "framework", "optimizer", "optimizer_implementation", "attention", "cross_entropy", "precision",
    "sharding", "offload", "kernels", "algorithm",
)  # fmt: skip
QUANTITIES: Mapping[Callable[[object], object], tuple[str, ...]] = {
    fields.size: ("tokens", "unique_tokens", "lifetime_inference_tokens"),
    fields.count: ("steps", "reduce_bucket_size", "max_live_parameters", "schedule_steps"),
    fields.context: ("sequence_length", "completion_length"),
    fields.whole: (
        "micro_batch_size", "gradient_accumulation", "global_batch_size", "tensor_parallel", "pipeline_parallel",
        "context_parallel", "expert_parallel", "optimizer_rank", "shard_degree", "virtual_pipeline",
    ),
    fields.signed: ("trainable_layers",),
    fields.flag: (
        "quantized_experts", "optimizer_in_backward", "master_weights", "packing", "reshard_after_forward",
        "shard_embeddings", "sequence_parallel",
    ),
    fields.above_zero: ("epochs", "days", "price_per_gpu_hour"),
    fields.quantity: ("gpu_hours",),
    fields.share: ("mfu",),
    fields.flops: ("compute",),
}  # fmt: skip
"""Keys by what they hold."""
DTYPES = ("base_dtype", "optimizer_dtype", "gradient_dtype")
COMPANIONS = ("reference_model", "reward_model", "critic", "teacher_model")


def read(section: Fields, context: Context, problems: list[Problem]) -> Training:
    """The training run that a section describes."""
    stated = section.values.keys()
    found: dict[str, Any] = {key: section.get(key, reads) for key, reads in _readers().items() if key in stated}
    found |= {key: model.dtype(section, key) for key in DTYPES if key in stated}
    found |= {key: companions.companion(section, key, context) for key in COMPANIONS if key in stated}
    return Training(
        **found,
        trainable_modules=section.get("trainable_modules", fields.expressions) or (),
        lora=_lora(section),
        hardware=deployment.hardware(section, context, problems),
        rollout=companions.rollout(section),
    )


@lru_cache(maxsize=1)
def _readers() -> dict[str, Callable[[object], object]]:
    """What reads the values that are no mapping, by key."""
    return {
        **{key: reads for reads, keys in QUANTITIES.items() for key in keys},
        **{key: fields.words("training", key) for key in WORDS},
        "activation_checkpointing": fields.words("training", "activation_checkpointing", _checkpointing),
    }


def _checkpointing(value: object) -> str | None:
    """full, selective, offloaded or none; true is full."""
    return ("full" if value else "none") if isinstance(value, bool) else fields.word(value)


def _lora(section: Fields) -> Lora | None:
    adapter = section.below("lora")
    if adapter is None:
        return None
    return Lora(
        rank=adapter.get("rank", fields.whole),
        targets=adapter.get("targets", _targets) or Lora().targets,
        dropout=adapter.get("dropout", fields.number) or 0.0,
        dtype=model.dtype(adapter, "dtype"),
        dora=adapter.get("dora", fields.flag) or False,
        modules_to_save=adapter.get("modules_to_save", _names) or (),
    )


def _names(value: object) -> tuple[str, ...] | None:
    """The names of layers."""
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else None


def _targets(value: object) -> str | tuple[str, ...] | None:
    """One word for many layers, or the names of layers."""
    if isinstance(value, list) and value and all(isinstance(entry, str) and entry for entry in value):
        return tuple(str(entry) for entry in value)
    return fields.text(value)
