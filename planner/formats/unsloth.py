"""Unsloth: what its studio keeps, a run with its adapter (studio/backend/assets/configs)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import trainer
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.workload import Model, NotChecked, Origin, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

NAME = "Unsloth"


def recognise(document: Document) -> bool:
    """Whether a run of a stated length stands beside an adapter, in the sections that Unsloth has for them."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("training"), dict):
        return False
    lora = data.get("lora")
    return "max_seq_length" in data["training"] and isinstance(lora, dict) and "lora_r" in lora


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = Settings(document, context)
    yield settings.workload("unsloth", _model(settings), _training(settings))


def _model(settings: Settings) -> Model:
    found = settings.named("model", "model.name")
    if found is None:
        because = "no model is named: these are defaults that a model is started with"
        settings.not_checked.append(NotChecked("model", because, "add `model:`", "model"))
        return Model()
    return trainer.quantized(found, trainer.loaded_bits(settings, "training."))


def _training(settings: Settings) -> Training:
    full = settings.word("training.training_type") == "full"
    bits = trainer.loaded_bits(settings, "training.")
    optimizer, kernels = trainer.optimizer(settings, "adamw_8bit", NAME, "training.optim")
    adapter = trainer.adapter(
        settings, NAME, ("lora.lora_r", 16), "lora.target_modules", "all-linear", ("lora.lora_dropout", 0.0)
    )
    steps = settings.get("training.steps", fields.count, "training.max_steps")
    settings.origins["training.precision"] = Origin(
        "default", note=f"{NAME}'s default: that of the device, mostly bf16"
    )
    return Training(
        stage="finetune",
        epochs=None if steps else settings.get("training.epochs", fields.above_zero, "training.num_epochs"),
        steps=steps,
        sequence_length=settings.get("training.sequence_length", fields.context, "training.max_seq_length"),
        micro_batch_size=settings.get_or("training.micro_batch_size", fields.whole, 2, NAME, "training.batch_size"),
        gradient_accumulation=settings.get(
            "training.gradient_accumulation", fields.whole, "training.gradient_accumulation_steps"
        ),
        method="full" if full else "qlora" if bits == 4 else "lora",
        lora=None if full else adapter,
        framework="unsloth",
        optimizer=optimizer,
        optimizer_implementation=kernels,
        precision="bf16",
        activation_checkpointing=_checkpointing(settings),
        packing=truth(settings.value("training.packing")),
        hardware=settings.hardware(),
    )


def _checkpointing(settings: Settings) -> str | None:
    return settings.get(
        "training.activation_checkpointing", trainer.checkpointing, "training.gradient_checkpointing"
    )  # fmt: skip
