"""NVIDIA NeMo on Megatron (Hydra): `trainer` and `model`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import megatron_model, training
from planner.formats.native import fields
from planner.workload import Lora, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

LENGTHS = (
    "model.encoder_seq_length",
    "model.data.train_ds.max_seq_length",
    "model.data.seq_length",
    "model.seq_length",
)
PRECISIONS = {
    "bf16": "bf16-mixed",
    "bf16-mixed": "bf16-mixed",
    "16": "fp16-mixed",
    "16-mixed": "fp16-mixed",
    "32": "fp32",
}
OTHER = frozenset({
    "mm_cfg", "vision_config", "retro", "bert_binary_head",
    "encoder", "decoder", "vision", "perception", "patch_dim", "image_size", "speech", "modality",
    "retro_encoder_num_layers", "decoder_seq_length", "speech_encoder", "only_mlm_loss",
})  # fmt: skip
"""Sections and keys of models that are no plain decoders of text."""
IMAGES = frozenset(
    {"unet", "unet_config", "unet_type", "first_stage_config", "cond_stage_config", "vision", "patch_dim"}
)
BATCHES = frozenset({"micro_batch_size", "global_batch_size"})
LOADED = frozenset({"restore_from_path", "pretrained_checkpoint", "language_model", "llm"})
"""What a model is taken from, where the config has no batches of Megatron's."""


def recognise(document: Document) -> bool:
    """Whether it is a run with Megatron's batches or a checkpoint under `model`, or the settings of a search."""
    data = document.data
    if not isinstance(data, dict):
        return False
    if isinstance(data.get("train_settings"), dict):
        return not {"model_size_in_b", "num_tokens_in_b"} - data["train_settings"].keys()
    trainer, model = data.get("trainer"), data.get("model")
    if not isinstance(trainer, dict) or not isinstance(model, dict):
        return False
    if {"devices", "num_nodes", "max_steps"}.isdisjoint(trainer):
        return False
    return model.keys() >= BATCHES or ({"devices", "num_nodes"} <= trainer.keys() and not LOADED.isdisjoint(model))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    if isinstance(document.data.get("train_settings"), dict):
        from planner.formats.nemo_search import searched

        yield settings.workload("nemo", *searched(settings))
    else:
        model = _model(settings)
        yield settings.workload("nemo", model, _training(settings) if _trains(settings) else None, "run.name", "name")


def _trains(settings: Settings) -> bool:
    """Whether text is trained on: there is a batch or a length, which what evaluates or exports has not."""
    if _is_other(settings) and not settings.has(*LENGTHS):
        return False
    stated = settings.has("model.micro_batch_size", "model.global_batch_size", "trainer.max_steps", "model.optim")
    if not stated:
        settings.not_checked.append(NotChecked("training", "no batch and no steps: nothing is trained", "", "training"))
    return stated


def _model(settings: Settings) -> Model | None:
    name = next((str(text) for text in map(settings.value, ("run.name", "name")) if isinstance(text, str)), None)
    if _is_other(settings):
        images = not IMAGES.isdisjoint(settings.mapping("model"))
        because = "it is no model of language" if images else "it is no plain decoder of text"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model(name)
    if settings.has("model.num_layers") and settings.has("model.hidden_size"):
        places = ("model.tokenizer.type", "model.tokenizer.model")
        return megatron_model.read(settings, "model.", places, learned=True, name=name)
    because = "the model is in the checkpoint that is restored"
    settings.not_checked.append(NotChecked("model", because, "", "model.restore_from_path"))
    return Model(name)


def _is_other(settings: Settings) -> bool:
    model = settings.mapping("model")
    bert = settings.word("model.tokenizer.type").startswith("bert") or "bert" in settings.word(
        "model.language_model.pretrained_model_name"
    )
    return not (OTHER | IMAGES).isdisjoint(model) or bert


def _training(settings: Settings) -> Training:
    scheme = settings.word("model.peft.peft_scheme")
    adapts = scheme not in ("", "none", "null")
    return Training(
        stage=_stage(settings),
        steps=settings.get("training.steps", fields.count, "trainer.max_steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, *LENGTHS),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "model.micro_batch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "model.global_batch_size"),
        method="lora" if adapts else "full",
        lora=_lora(settings) if adapts else None,
        framework="nemo",
        optimizer="adamw" if "adam" in settings.word("model.optim.name") else None,
        precision="fp8" if settings.flag(False, "model.fp8") else PRECISIONS.get(settings.word("trainer.precision")),
        activation_checkpointing=_recompute(settings),
        sharding=_sharding(settings),
        tensor_parallel=_ranks(settings, "tensor_parallel", "tensor_model_parallel_size"),
        pipeline_parallel=_ranks(settings, "pipeline_parallel", "pipeline_model_parallel_size"),
        context_parallel=_ranks(settings, "context_parallel", "context_parallel_size"),
        expert_parallel=_ranks(settings, "expert_parallel", "expert_model_parallel_size"),
        hardware=settings.hardware(_devices(settings)),
    )


def _sharding(settings: Settings) -> str | None:
    """Apex' DistributedFusedAdam is ZeRO-2 by its own words; Megatron's optimizer shards its states alone."""
    name = settings.word("model.optim.name")
    return "zero2" if name == "distributed_fused_adam" else "zero1" if "distributed" in name else None


def _ranks(settings: Settings, field: str, key: str) -> int | None:
    return settings.get(f"training.{field}", fields.whole, f"model.{key}")


def _lora(settings: Settings) -> Lora:
    return Lora(rank=fields.whole(settings.value("model.peft.lora_tuning.adapter_dim")))


def _recompute(settings: Settings) -> str | None:
    stated = settings.word("model.activations_checkpoint_granularity")
    return stated if stated in ("full", "selective") else None


def _devices(settings: Settings) -> int | None:
    each = settings.get("training.hardware.count", fields.whole, "trainer.devices")
    nodes = fields.whole(settings.value("trainer.num_nodes"))
    return each * nodes if each and nodes else None


def _stage(settings: Settings) -> str | None:
    """Fine-tuning where a checkpoint is restored; else what the tokens for each parameter tell.

    The example configs of the project have placeholders for steps and batch, which is no evidence of pre-training.
    """
    if settings.has("model.restore_from_path", "model.peft", "model.restore_from_ckpt"):
        return "finetune"
    return None
