"""Megatron Bridge: values over those of a recipe in Python, which names the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import training
from planner.formats.native import fields
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

BATCHES = frozenset({"global_batch_size", "micro_batch_size"})
AROUND = frozenset({"checkpoint", "scheduler", "optimizer", "logger", "ddp", "dist"})
MODEL = frozenset({"seq_length", "tensor_model_parallel_size", "pipeline_model_parallel_size", "context_parallel_size"})


def recognise(document: Document) -> bool:
    """Whether it gives steps and a batch to a recipe, in its sections."""
    data = document.data
    if not isinstance(data, dict) or AROUND.isdisjoint(data):
        return False
    run, model = data.get("train"), data.get("model", {})
    if not isinstance(run, dict) or "train_iters" not in run or BATCHES.isdisjoint(run):
        return False
    return isinstance(model, dict) and (not model or not MODEL.isdisjoint(model))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The run, without its model."""
    settings = training.Settings(document, context)
    because = "the model is that of the Python recipe over which these values are laid"
    settings.not_checked.append(NotChecked("model", because, "", "model"))
    yield settings.workload("megatron-bridge", Model(), _run(settings))


def _run(settings: Settings) -> Training:
    tuned = settings.flag(False, "checkpoint.finetune") or settings.has("checkpoint.pretrained_checkpoint", "peft")
    granularity = settings.word("model.recompute_granularity")
    return Training(
        stage="finetune" if tuned else None,
        steps=settings.get("training.steps", fields.count, "train.train_iters"),
        sequence_length=settings.get(
            "training.sequence_length", fields.context, "model.seq_length", "dataset.seq_length"
        ),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "train.micro_batch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "train.global_batch_size"),
        method="full",
        framework="megatron",
        activation_checkpointing=granularity if granularity in ("full", "selective") else None,
        tensor_parallel=_ranks(settings, "tensor_parallel", "tensor_model_parallel_size"),
        pipeline_parallel=_ranks(settings, "pipeline_parallel", "pipeline_model_parallel_size"),
        context_parallel=_ranks(settings, "context_parallel", "context_parallel_size"),
        expert_parallel=_ranks(settings, "expert_parallel", "expert_model_parallel_size"),
        hardware=settings.hardware(),
    )


def _ranks(settings: Settings, field: str, key: str) -> int | None:
    return settings.get(f"training.{field}", fields.whole, f"model.{key}")
