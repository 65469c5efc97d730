"""mlx-lm: fine-tuning on Apple's chips, mostly with an adapter on the last layers (mlx_lm/lora.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import trainer
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

NAME = "mlx-lm"
OWN = frozenset({
    "fine_tune_type", "num_layers", "lora_layers", "iters", "val_batches", "steps_per_report", "steps_per_eval",
    "adapter_path", "adapter_file", "grad_checkpoint", "lora_parameters", "save_every", "test_batches",
    "resume_adapter_file",
})  # fmt: skip


def recognise(document: Document) -> bool:
    """Whether a model stands beside four of mlx-lm's own keys."""
    data = document.data
    return isinstance(data, dict) and isinstance(data.get("model"), str) and len(OWN & data.keys()) >= 4


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes; a file that only tests is none."""
    settings = Settings(document, context)
    found = settings.named("model") or Model()
    if settings.value("train") is False:
        because = "it says `train: false`: it tests a model"
        settings.not_checked.append(NotChecked("training", because, "", "training"))
        yield settings.workload("mlx-lora", found, None)
        return
    yield settings.workload("mlx-lora", found, _training(settings))


def _last(value: object) -> int | None:
    """So many of the last layers; -1 is all of them."""
    return fields.whole(value)


def _training(settings: Settings) -> Training:
    kind = settings.word("fine_tune_type") or "lora"
    layers = settings.get_or("training.trainable_layers", _last, 16, NAME, "num_layers", "lora_layers")
    at = "lora_parameters."
    adapter = trainer.adapter(
        settings, NAME, (at + "rank", 8), at + "keys", ("q_proj", "v_proj"), (at + "dropout", 0.0)
    )  # fmt: skip
    accumulation = settings.get_or(
        "training.gradient_accumulation", fields.whole, 1, NAME, "grad_accumulation_steps"
    )  # fmt: skip
    optimizer, _ = trainer.optimizer(settings, "adam", NAME, "optimizer")
    return Training(
        stage="finetune",
        steps=settings.get_or("training.steps", fields.count, 1000, NAME, "iters"),
        sequence_length=settings.get_or("training.sequence_length", fields.context, 2048, NAME, "max_seq_length"),
        micro_batch_size=settings.get_or("training.micro_batch_size", fields.whole, 4, NAME, "batch_size"),
        gradient_accumulation=accumulation,
        method="lora" if kind != "full" else "freeze" if layers else "full",
        trainable_layers=layers,
        lora=None if kind == "full" else adapter._replace(dora=kind == "dora"),
        framework="mlx-lm",
        optimizer=optimizer,
        precision="bf16",
        activation_checkpointing="full" if truth(settings.value("grad_checkpoint")) else "none",
        hardware=settings.hardware(1),
    )
