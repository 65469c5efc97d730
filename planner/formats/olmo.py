"""OLMo (allenai/OLMo): `max_duration` in tokens (2e12T), epochs (1ep) or steps, and the model by its sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import training
from planner.formats.durations import OLMO, duration
from planner.formats.native import fields
from planner.workload import Model, Origin, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

PRECISIONS = {"amp_bf16": "bf16-mixed", "amp_fp16": "fp16-mixed", "fp32": "fp32"}
CHECKPOINTING = {"whole_layer": "full", "none": "none"}


def recognise(document: Document) -> bool:
    """Whether it holds a model of OLMo's with its batch."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("model"), dict) or "train_loader" in data:
        return False
    sized = {"d_model", "n_heads", "n_layers"} <= data["model"].keys()
    return sized and not {"max_duration", "device_train_microbatch_size", "global_train_batch_size"}.isdisjoint(data)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    yield settings.workload("olmo", _model(settings), _training(settings), "run_name")


def _model(settings: Settings) -> Model:
    sizes = settings.mapping("model")
    for key in sizes:
        settings.origins[f"model.architecture.{key}"] = Origin("key", ("model", key))
    settings.origins["model"] = settings.origins["model.architecture"] = Origin("key", ("model",))
    resolved = {key: settings.value(f"model.{key}") for key in sizes}
    if {"norm_after", "attention_layer_norm"} <= resolved.keys() and resolved["norm_after"] is True:
        return Model("OLMo", _second(resolved), "inline")
    return Model("OLMo", {"model_type": "hf_olmo", **resolved}, "inline")


def _second(sizes: dict[str, object]) -> dict[str, object]:
    """OLMo 2: norms after attention and network, and of queries and keys; the width counts gate and up together."""
    hidden, stated = fields.whole(sizes.get("d_model")) or 0, fields.whole(sizes.get("mlp_hidden_size"))
    ratio = fields.number(sizes.get("mlp_ratio")) or 4
    return {
        "model_type": "olmo2",
        "hidden_size": hidden,
        "num_hidden_layers": sizes.get("n_layers"),
        "num_attention_heads": sizes.get("n_heads"),
        "num_key_value_heads": sizes.get("n_kv_heads") or sizes.get("n_heads"),
        "intermediate_size": (stated or int(ratio * hidden)) // 2,
        "vocab_size": sizes.get("embedding_size") or sizes.get("vocab_size"),
        "max_position_embeddings": sizes.get("max_sequence_length"),
        "tie_word_embeddings": sizes.get("weight_tying", True),
    }


def _training(settings: Settings) -> Training:
    span = settings.get("training.steps", lambda value: duration(value, OLMO), "max_duration")
    if "training.steps" in settings.origins:
        settings.origins["training.tokens"] = settings.origins["training.steps"]
        settings.origins["training.epochs"] = settings.origins["training.steps"]
    sharded = settings.word("distributed_strategy") or ("fsdp" if settings.has("fsdp") else "")
    return Training(
        stage="continued-pretrain" if settings.has("load_path") else "pretrain",
        tokens=span.tokens if span else None,
        epochs=span.epochs if span else None,
        steps=span.steps if span else None,
        sequence_length=settings.get("training.sequence_length", fields.context, "model.max_sequence_length"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "device_train_microbatch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "global_train_batch_size"),
        method="full",
        framework="olmo",
        optimizer={"adamw": "adamw", "lionw": "lion"}.get(settings.word("optimizer.name")),
        attention="flash" if settings.flag(False, "model.flash_attention") else None,
        cross_entropy="fused" if settings.flag(False, "fused_loss") else None,
        precision=PRECISIONS.get(settings.word("precision")),
        activation_checkpointing=_checkpointing(settings),
        sharding=sharded if sharded in ("fsdp", "ddp") else None,
        hardware=settings.hardware(),
    )


def _checkpointing(settings: Settings) -> str | None:
    stated = settings.word("activation_checkpointing")
    return CHECKPOINTING.get(stated, "selective") if stated else None
