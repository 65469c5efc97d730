"""The section `training`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats.native import companions, deployment, fields, model
from planner.workload import Lora, Training

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.native.fields import Fields
    from planner.workload import Problem


def read(section: Fields, context: Context, problems: list[Problem]) -> Training:
    """The training run that a section describes."""
    return Training(
        stage=section.word("stage"),
        tokens=section.get("tokens", fields.size),
        unique_tokens=section.get("unique_tokens", fields.size),
        epochs=section.get("epochs", fields.above_zero),
        steps=section.get("steps", fields.count),
        sequence_length=section.get("sequence_length", fields.context),
        micro_batch_size=section.get("micro_batch_size", fields.whole),
        gradient_accumulation=section.get("gradient_accumulation", fields.whole),
        global_batch_size=section.get("global_batch_size", fields.whole),
        method=section.word("method"),
        trainable_layers=section.get("trainable_layers", fields.signed),
        trainable_modules=section.get("trainable_modules", fields.expressions) or (),
        base_dtype=model.dtype(section, "base_dtype"),
        lora=_lora(section),
        framework=section.word("framework"),
        optimizer=section.word("optimizer"),
        optimizer_implementation=section.word("optimizer_implementation"),
        attention=section.word("attention"),
        cross_entropy=section.word("cross_entropy"),
        precision=section.word("precision"),
        activation_checkpointing=section.word("activation_checkpointing", _checkpointing),
        sharding=section.word("sharding"),
        tensor_parallel=section.get("tensor_parallel", fields.whole),
        pipeline_parallel=section.get("pipeline_parallel", fields.whole),
        context_parallel=section.get("context_parallel", fields.whole),
        expert_parallel=section.get("expert_parallel", fields.whole),
        lifetime_inference_tokens=section.get("lifetime_inference_tokens", fields.size),
        hardware=deployment.hardware(section, context, problems),
        offload=section.word("offload"),
        quantized_experts=section.get("quantized_experts", fields.flag),
        optimizer_rank=section.get("optimizer_rank", fields.whole),
        optimizer_dtype=model.dtype(section, "optimizer_dtype"),
        optimizer_in_backward=section.get("optimizer_in_backward", fields.flag),
        gradient_dtype=model.dtype(section, "gradient_dtype"),
        master_weights=section.get("master_weights", fields.flag),
        kernels=section.word("kernels"),
        packing=section.get("packing", fields.flag),
        reshard_after_forward=section.get("reshard_after_forward", fields.flag),
        shard_embeddings=section.get("shard_embeddings", fields.flag),
        shard_degree=section.get("shard_degree", fields.whole),
        reduce_bucket_size=section.get("reduce_bucket_size", fields.count),
        max_live_parameters=section.get("max_live_parameters", fields.count),
        sequence_parallel=section.get("sequence_parallel", fields.flag),
        virtual_pipeline=section.get("virtual_pipeline", fields.whole),
        algorithm=section.word("algorithm"),
        completion_length=section.get("completion_length", fields.context),
        reference_model=companions.companion(section, "reference_model", context),
        reward_model=companions.companion(section, "reward_model", context),
        critic=companions.companion(section, "critic", context),
        teacher_model=companions.companion(section, "teacher_model", context),
        rollout=companions.rollout(section),
        compute=section.get("compute", fields.flops),
        days=section.get("days", fields.above_zero),
        gpu_hours=section.get("gpu_hours", fields.quantity),
        mfu=section.get("mfu", fields.share),
        price_per_gpu_hour=section.get("price_per_gpu_hour", fields.above_zero),
        schedule_steps=section.get("schedule_steps", fields.count),
    )


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
