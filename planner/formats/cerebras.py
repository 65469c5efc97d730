"""Cerebras' Model Zoo: `trainer.init.model` by its sizes, `loop.max_steps`, and the batch of all systems together.

Before release 2.3 the sections were `model`, `train_input` and `runconfig`, and the batch was that of one system.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import decoder, training
from planner.formats.native import fields
from planner.record import NamedTuple
from planner.workload import Hardware, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

SIZES = frozenset({"hidden_size", "num_hidden_layers", "vocab_size"})
LOOP = frozenset({"loop", "optimizer", "backend", "callbacks", "checkpoint"})
"""What stands beside a model under `trainer.init`."""
ENCODERS = frozenset({"bert", "roberta", "t5", "transformer", "esm2", "bert/pretrain"})
GATED = ("swiglu", "geglu", "reglu", "glu", "bilinear")


class Layout(NamedTuple):
    """Prefixes of the model, the loop, the loader and the precision, and the field that the batch fills."""

    model: str
    loop: str
    loader: str
    precision: str
    batch: str


CURRENT = Layout(
    "trainer.init.model.", "trainer.init.loop.", "trainer.fit.train_dataloader.", "trainer.init.precision.",
    "global_batch_size",
)  # fmt: skip
FORMER = Layout("model.", "runconfig.", "train_input.", "model.", "micro_batch_size")


def layout(document: Document) -> Layout | None:
    """Where the sections of `document` stand; None if it is no config of the Model Zoo."""
    data = document.data
    if not isinstance(data, dict):
        return None
    trainer = data.get("trainer")
    first = trainer.get("init") if isinstance(trainer, dict) else None
    if isinstance(first, dict) and isinstance(first.get("model"), dict):
        return CURRENT if not LOOP.isdisjoint(first) else None
    former = all(isinstance(data.get(key), dict) for key in ("model", "train_input", "runconfig"))
    return FORMER if former else None


def recognise(document: Document) -> bool:
    """Whether it holds a model in the sections of the Model Zoo."""
    return layout(document) is not None


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings, at = training.Settings(document, context), layout(document)
    if at is not None:
        model = _model(settings, at.model)
        run = None if _is_other(settings, at.model) else _training(settings, at)
        yield settings.workload("cerebras", model, run)


def _is_other(settings: Settings, at: str) -> bool:
    """Encoders, and what has no vocabulary: models of images, or of several parts."""
    return settings.word(at + "name") in ENCODERS or not settings.mapping(at[:-1]).keys() >= SIZES


def _model(settings: Settings, at: str) -> Model:
    name = settings.word(at + "name") or None
    if _is_other(settings, at):
        because = f"a model of type {name} is no decoder of text" if name else "it is no decoder of text"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model(name)
    activation, norm = settings.word(at + "nonlinearity"), settings.word(at + "norm_type")
    experts = settings.size("num_local_experts", at + "moe.num_experts", at + "num_experts")
    taken = settings.size("num_experts_per_tok", at + "moe.top_k", at + "top_k")
    kv = settings.size("num_key_value_heads", at + "extra_attention_params.num_kv_groups")
    width = settings.size("intermediate_size", at + "filter_size")
    shared = settings.size("shared_expert_intermediate_size", at + "moe.num_shared_experts") or 0
    sizes = decoder.Decoder(
        hidden=settings.size("hidden_size", at + "hidden_size"),
        layers=settings.size("num_hidden_layers", at + "num_hidden_layers"),
        heads=settings.size("num_attention_heads", at + "num_heads"),
        width=width,
        vocabulary=settings.size("vocab_size", at + "vocab_size"),
        kv_heads=kv,
        context=settings.size("max_position_embeddings", at + "max_position_embeddings"),
        gated=activation in GATED,
        bias=settings.flag(True, at + "use_ffn_bias"),
        qkv_bias=settings.flag(True, at + "use_projection_bias_in_attention"),
        root_norm="rms" in norm,
        learned=(settings.word(at + "position_embedding_type") or "learned") == "learned",
        tied=settings.flag(True, at + "share_embedding_weights"),
        mixture=decoder.Mixture(experts, taken, width, shared * (width or 0)) if experts and experts > 1 else None,
    )
    return Model(name, decoder.config(sizes), "inline")


def _training(settings: Settings, at: Layout) -> Training:
    batch = settings.get(f"training.{at.batch}", fields.whole, at.loader + "batch_size")
    lengths = (at.loader + "max_sequence_length", at.model + "max_position_embeddings")
    half = settings.word(at.precision + "fp16_type")
    return Training(
        stage=_stage(settings),
        epochs=settings.get("training.epochs", fields.above_zero, at.loop + "num_epochs"),
        steps=settings.get("training.steps", fields.count, at.loop + "max_steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, *lengths),
        global_batch_size=batch if at.batch == "global_batch_size" else None,
        micro_batch_size=batch if at.batch == "micro_batch_size" else None,
        method="lora" if settings.has(at.model + "lora_params") else "full",
        framework="cerebras",
        optimizer="adamw" if "AdamW" in settings.mapping("trainer.init.optimizer") else None,
        precision={"bfloat16": "bf16-mixed", "cbfloat16": "bf16-mixed", "float16": "fp16-mixed"}.get(half),
        hardware=_systems(settings),
    )


def _systems(settings: Settings) -> Hardware | None:
    """As many systems as the surroundings say; their memory is none of a wafer, which streams the weights."""
    given = settings.hardware()
    return Hardware(count=given.count) if given and given.count else None


def _stage(settings: Settings) -> str | None:
    """Continued where a checkpoint is loaded; else what the tokens for each parameter tell."""
    starts = ("trainer.fit.ckpt_path", "runconfig.checkpoint_path")
    callbacks = settings.value("trainer.init.callbacks")
    entries = callbacks if isinstance(callbacks, list) else []
    loads = any(isinstance(entry, dict) and "LoadCheckpointStates" in entry for entry in entries)
    return "continued-pretrain" if loads or settings.has(*starts) else None
