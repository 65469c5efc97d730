"""Meta Lingua: steps, batch per device and sequence length; the model by its sizes.

The number of devices is that of the launch, and stands nowhere in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import decoder, training
from planner.formats.native import fields
from planner.formats.training_model import VOCABULARY
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

RECURRENT = frozenset({"state_dim", "conv_size", "lru_dim_multiplier", "n_groups"})
SHARDINGS = {"full_shard": "fsdp", "no_shard": "ddp"}


def recognise(document: Document) -> bool:
    """Whether it has Lingua's model, data and way of distribution."""
    data = document.data
    if not isinstance(data, dict) or not all(isinstance(data.get(key), dict) for key in ("model", "data", "optim")):
        return False
    return "steps" in data and {"dim", "n_layers"} <= data["model"].keys() and "seq_len" in data["data"]


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    yield settings.workload("lingua", _model(settings), _training(settings), "name")


def _model(settings: Settings) -> Model:
    name = settings.word("name") or None
    if RECURRENT & settings.mapping("model").keys():
        because = "the layers are recurrent ones of Lingua's own, whose parameters are not counted"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model(name)
    hidden = settings.size("hidden_size", "model.dim")
    vocabulary = settings.size("vocab_size", "model.vocab_size") or settings.vocabulary("data.tokenizer.path")
    if vocabulary is None:
        because = "the size of the vocabulary is not stated"
        settings.not_checked.append(NotChecked("model", because, "add `vocab_size: 128256` to `model`", VOCABULARY))
    sizes = decoder.Decoder(
        hidden=hidden,
        layers=settings.size("num_hidden_layers", "model.n_layers"),
        heads=settings.size("num_attention_heads", "model.n_heads"),
        width=_width(settings, hidden),
        vocabulary=vocabulary,
        kv_heads=settings.size("num_key_value_heads", "model.n_kv_heads"),
        head_size=settings.size("head_dim", "model.head_dim"),
        gated=True,
        bias=False,
        root_norm=True,
        tied=settings.flag(False, "model.weight_tying"),
    )
    return Model(name, decoder.config(sizes), "inline")


def _width(settings: Settings, hidden: int | None) -> int | None:
    """As Llama's (lingua/transformer.py, FeedForward)."""
    if hidden is None:
        return None
    factor = fields.above_zero(settings.value("model.ffn_dim_multiplier"))
    return decoder.gated_width(hidden, factor, fields.whole(settings.value("model.multiple_of")) or 256)


def _training(settings: Settings) -> Training:
    return Training(
        stage="continued-pretrain" if settings.has("checkpoint.init_ckpt_path") else "pretrain",
        steps=settings.get("training.steps", fields.count, "steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, "data.seq_len"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "data.batch_size"),
        gradient_accumulation=settings.get("training.gradient_accumulation", fields.whole, "grad_acc_steps"),
        method="full",
        framework="lingua",
        optimizer="adamw",
        precision={"bf16": "bf16-mixed", "fp16": "fp16-mixed", "fp32": "fp32"}.get(
            settings.word("distributed.model_dtype")
        ),
        activation_checkpointing="selective"
        if settings.flag(False, "distributed.selective_activation_checkpointing")
        else None,
        sharding=SHARDINGS.get(settings.word("distributed.fsdp_type")),
        tensor_parallel=settings.get("training.tensor_parallel", fields.whole, "distributed.tp_size"),
        hardware=settings.hardware(),
    )
