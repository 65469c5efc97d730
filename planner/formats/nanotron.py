"""nanotron (Hugging Face): every factor of the tokens in one file, the model in keys of a config.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner import units
from planner.formats import training
from planner.formats.native import fields
from planner.workload import Model, Origin, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

KINDS = {"is_llama_config": "llama", "is_qwen2_config": "qwen2", "is_starcoder2_config": "starcoder2"}
PRECISIONS = {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}


def recognise(document: Document) -> bool:
    """Whether it holds nanotron's sections of a run."""
    data = document.data
    return isinstance(data, dict) and all(isinstance(data.get(key), dict) for key in ("parallelism", "model", "tokens"))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    yield settings.workload("nanotron", _model(settings), _training(settings), "general.run", "general.project")


def _model(settings: Settings) -> Model:
    sizes = settings.mapping("model.model_config")
    for key in sizes:
        settings.origins[f"model.architecture.{key}"] = Origin("key", ("model", "model_config", key))
    settings.origins["model"] = Origin("key", ("model", "model_config") if sizes else ("model",))
    kind = next((kind for flag, kind in KINDS.items() if sizes.get(flag) is True), "llama")
    config = {"model_type": kind, **sizes, "dtype": None, "rope_scaling": None}
    if kind == "qwen2" and sizes.get("attention_bias") is False:
        config["model_type"] = "llama"
    dtype = settings.get("model.dtype", units.dtype, "model.dtype")
    return Model(settings.word("general.run") or None, config if sizes else None, "inline", dtype=dtype)


def _training(settings: Settings) -> Training:
    dp, tp, pp, cp, ep = (
        settings.get(f"training.{field}", fields.whole, f"parallelism.{key}")
        for field, key in (
            ("hardware.count", "dp"), ("tensor_parallel", "tp"), ("pipeline_parallel", "pp"),
            ("context_parallel", "context_parallel_size"), ("expert_parallel", "expert_parallel_size"),
        )
    )  # fmt: skip
    devices = dp * (tp or 1) * (pp or 1) * (cp or 1) if dp else None
    zero = settings.value("optimizer.zero_stage")
    return Training(
        stage=_stage(settings),
        steps=settings.get("training.steps", fields.count, "tokens.train_steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, "tokens.sequence_length"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "tokens.micro_batch_size"),
        gradient_accumulation=settings.get(
            "training.gradient_accumulation", fields.whole, "tokens.batch_accumulation_per_replica"
        ),
        method="full",
        framework="nanotron",
        optimizer="adamw" if settings.word("optimizer.optimizer_factory.name") == "adamw" else None,
        optimizer_implementation="fused" if _fused(settings) else None,
        precision=PRECISIONS.get(units.dtype(settings.value("model.dtype")) or ""),
        activation_checkpointing="full" if settings.flag(False, "parallelism.recompute_layer") else "none",
        sharding={0: "ddp", 1: "zero1"}.get(zero) if isinstance(zero, int) else None,
        tensor_parallel=tp,
        pipeline_parallel=pp,
        context_parallel=cp,
        expert_parallel=ep,
        hardware=settings.hardware(devices),
    )


def _fused(settings: Settings) -> bool:
    return settings.flag(False, "optimizer.optimizer_factory.torch_adam_is_fused")


def _stage(settings: Settings) -> str:
    """Pre-training, unless it takes up a checkpoint."""
    if settings.has("checkpoints.resume_checkpoint_path", "model.init_method.path"):
        return "continued-pretrain"
    return "pretrain"
