"""LLaMA-Factory's version 1: plugins for adapters, kernels and distribution (src/llamafactory/v1/config)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import launch, trainer
from planner.formats.launch import Launch
from planner.formats.native import fields
from planner.formats.training import Settings
from planner.workload import Lora, Model, NotChecked, Problem, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

NAME = "LLaMA-Factory"
PLUGINS = frozenset({
    "peft_config", "dist_config", "kernel_config", "quant_config", "init_config", "optim_config", "model_class",
    "sample_backend",
})  # fmt: skip


def recognise(document: Document) -> bool:
    """Whether a model's name stands beside a dataset and a plugin of version 1, or an adapter that is exported."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("model"), str):
        return False
    peft = data.get("peft_config")
    exported = isinstance(peft, dict) and "name" in peft
    return (("train_dataset" in data or "cutoff_len" in data) and bool(PLUGINS & data.keys())) or exported


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The run that it describes; without data, it is none."""
    settings = Settings(document, context)
    found = settings.named("model") or Model()
    kind = settings.word("quant_config.name")
    bits = fields.whole(settings.value("quant_config.quantization_bit")) or (4 if kind in ("bnb", "auto") else None)
    model = trainer.quantized(found, bits) if kind else found
    if not settings.has("train_dataset"):
        because = "it names no `train_dataset`: it exports or serves a model"
        settings.not_checked.append(NotChecked("training", because, "", "training"))
        yield settings.workload("llama-factory-v1", model, None)
        return
    spread, lost = _spread(settings)
    run = launch.joined(settings, _training(settings, spread, bits), spread)
    yield settings.workload("llama-factory-v1", model, run)._replace(problems=lost)


def _spread(settings: Settings) -> tuple[Launch | None, tuple[Problem, ...]]:
    if settings.word("dist_config.name") == "deepspeed":
        return launch.stated(settings, "dist_config.config_file")
    if not settings.word("dist_config.name").startswith("fsdp"):
        return None, ()
    at = ("dist_config", "name")
    return Launch(sharding="fsdp", document=settings.document, places={"sharding": at}), ()


def _training(settings: Settings, spread: Launch | None, bits: int | None) -> Training:
    epochs, steps = trainer.duration(settings, NAME)
    adapted = settings.word("peft_config.name") == "lora"
    return Training(
        stage="preference" if settings.has("pref_loss") else "finetune",
        algorithm=settings.word("pref_loss").replace("sigmoid", "dpo") or None,
        epochs=epochs,
        steps=steps,
        sequence_length=settings.get_or("training.sequence_length", fields.context, 2048, NAME, "cutoff_len"),
        micro_batch_size=settings.get_or("training.micro_batch_size", fields.whole, 1, NAME, "micro_batch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "global_batch_size"),
        method=("qlora" if bits == 4 else "lora") if adapted else "full",
        lora=_lora(settings) if adapted else None,
        framework="llama-factory",
        optimizer=_optimizer(settings),
        optimizer_implementation=None if settings.has("optim_config") else trainer.FOREACH,
        attention=trainer.attention(settings.word("flash_attn") or "sdpa"),
        precision=_precision(settings, spread, adapted),
        activation_checkpointing="none" if settings.value("enable_activation_checkpointing") is False else "full",
        context_parallel=settings.get("training.context_parallel", fields.whole, "cp_size"),
        expert_parallel=settings.get("training.expert_parallel", fields.whole, "dist_config.ep_size"),
        packing=settings.word("batching_strategy") in ("dynamic_batching", "padding_free") or None,
        hardware=settings.hardware(),
    )


def _precision(settings: Settings, spread: Launch | None, adapted: bool) -> str:
    """A base keeps its dtype; what is trained in full is float32, under bf16 where FSDP or DeepSpeed casts it.

    core/model_engine.py, plugins/trainer_plugins/distributed.
    """
    if adapted:
        return "bf16"
    return "bf16-mixed" if spread is not None and settings.value("bf16") is not False else "fp32"


def _optimizer(settings: Settings) -> str:
    return "muon" if settings.word("optim_config.name") == "muon" else "adamw"


def _lora(settings: Settings) -> Lora:
    at = "peft_config."
    return trainer.adapter(
        settings, NAME, (at + "r", 8), at + "target_modules", "all-linear", (at + "lora_dropout", 0.0)
    )  # fmt: skip
