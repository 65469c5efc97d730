"""MosaicML's LLM Foundry (Composer): `max_duration` with its unit, batches in sequences, MPT models by their sizes.

Defaults of the model are those of llmfoundry/models/mpt/configuration_mpt.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import decoder, training
from planner.formats.durations import COMPOSER, duration
from planner.formats.native import fields
from planner.workload import Lora, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

PRECISIONS = {"fp32": "fp32", "amp_fp16": "fp16-mixed", "amp_bf16": "bf16-mixed", "amp_fp8": "fp8"}
OPTIMIZERS = {
    "decoupled_adamw": "adamw", "adamw": "adamw", "decoupled_lionw": "lion", "decoupled_lionw_8b": "lion-8bit",
    "decoupled_adamw_8b": "adamw-8bit",
}  # fmt: skip
SHARDINGS = {"FULL_SHARD": "fsdp", "HYBRID_SHARD": "fsdp", "SHARD_GRAD_OP": "zero2", "NO_SHARD": "ddp"}
GATED = frozenset({"mptglu", "mptgeglu", "te_ln_mlp_glu", "mb_moe_glu"})


def recognise(document: Document) -> bool:
    """Whether it trains a model for a duration on the batches of a loader."""
    return is_run(document.data)


def is_run(data: object) -> bool:
    """Whether `data` are the parameters of a run."""
    return (
        isinstance(data, dict)
        and isinstance(data.get("model"), dict)
        and "max_duration" in data
        and isinstance(data.get("train_loader"), (dict, list))
    )


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    yield run(training.Settings(document, context), "llm-foundry")


def run(settings: Settings, format: str, devices: int | None = None, *names: str) -> Workload:
    """The run that `settings` describe, on `devices` where what launches it says how many."""
    model = _model(settings)
    trained = _training(settings, model)
    if devices is not None:
        trained = trained._replace(hardware=settings.hardware(devices))
    return settings.workload(format, model, trained, "run_name", "variables.run_name", *names)


def _training(settings: Settings, model: Model) -> Training:
    span = settings.get("training.steps", lambda value: duration(value, COMPOSER), "max_duration")
    length = settings.get("training.sequence_length", fields.context, "max_seq_len", "model.max_seq_len")
    origin = settings.origins.get("training.steps")
    if span is not None and origin is not None:
        settings.origins["training.tokens"] = settings.origins["training.epochs"] = origin
    samples = span.samples if span else None
    return Training(
        stage=_stage(settings, model),
        tokens=samples * length if samples and length else span.tokens if span else None,
        epochs=span.epochs if span else None,
        steps=span.steps if span else None,
        sequence_length=length,
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "device_train_microbatch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "global_train_batch_size"),
        method="lora" if settings.has("model.peft_config", "peft_config") else "full",
        lora=_lora(settings),
        framework="llm-foundry",
        optimizer=OPTIMIZERS.get(settings.word("optimizer.name")),
        precision=PRECISIONS.get(settings.word("precision")),
        activation_checkpointing=_checkpointing(settings),
        sharding=SHARDINGS.get(settings.word("fsdp_config.sharding_strategy").upper()),
        hardware=settings.hardware(),
    )


def _stage(settings: Settings, model: Model) -> str | None:
    """Pre-training is of a model that is built, on texts; a published one is continued unless `pretrained` is false."""
    if "finetuning" in _loaders(settings):
        return "finetune"
    starts = settings.has("load_path") or (model.source != "inline" and settings.flag(True, "model.pretrained"))
    return "continued-pretrain" if starts else "pretrain"


def _loaders(settings: Settings) -> set[str]:
    loaders = settings.value("train_loader")
    entries = loaders if isinstance(loaders, list) else [loaders]
    return {str(entry.get("name")) for entry in entries if isinstance(entry, dict)}


def _lora(settings: Settings) -> Lora | None:
    adapter = settings.mapping("model.peft_config", "peft_config")
    return Lora(rank=fields.whole(adapter.get("r"))) if adapter else None


def _checkpointing(settings: Settings) -> str | None:
    stated = settings.value("fsdp_config.activation_checkpointing")
    return ("full" if stated else "none") if isinstance(stated, bool) else None


def _model(settings: Settings) -> Model:
    if settings.find("model.pretrained_model_name_or_path") is not None:
        found = settings.named("model.pretrained_model_name_or_path")
        return found or Model()
    hidden = settings.size("hidden_size", "model.d_model")
    if hidden is None:
        because = "the model states neither a name nor its sizes"
        settings.not_checked.append(NotChecked("model", because, "add `d_model`, `n_heads` and `n_layers`", "model"))
        return Model()
    return Model(settings.word("model.name") or None, decoder.config(_mpt(settings, hidden)), "inline")


def _mpt(settings: Settings, hidden: int) -> decoder.Decoder:
    ratio = fields.above_zero(settings.value("model.expansion_ratio")) or 4
    width = settings.size("intermediate_size", "model.ffn_config.ffn_hidden_size")
    kind = settings.word("model.ffn_config.ffn_type") or "mptmlp"
    turned = settings.flag(False, "model.attn_config.alibi") or settings.flag(False, "model.attn_config.rope")
    heads = settings.size("num_attention_heads", "model.n_heads")
    kv = settings.size("num_key_value_heads", "model.attn_config.kv_n_heads")
    experts = settings.size("num_local_experts", "model.ffn_config.moe_num_experts")
    taken = settings.size("num_experts_per_tok", "model.ffn_config.moe_top_k")
    return decoder.Decoder(
        hidden=hidden,
        layers=settings.size("num_hidden_layers", "model.n_layers"),
        heads=heads,
        width=width or int(hidden * ratio),
        vocabulary=settings.size("vocab_size", "model.vocab_size") or settings.vocabulary("tokenizer.name"),
        kv_heads=1 if settings.word("model.attn_config.attn_type") == "multiquery_attention" else kv,
        context=settings.size("max_position_embeddings", "model.max_seq_len", "max_seq_len"),
        gated=kind in GATED,
        bias=not settings.flag(False, "model.no_bias"),
        root_norm="rmsnorm" in settings.word("model.norm_type"),
        learned=settings.flag(not turned, "model.learned_pos_emb"),
        tied=settings.flag(True, "model.tie_word_embeddings"),
        mixture=decoder.Mixture(experts, taken or 1) if experts else None,
    )
