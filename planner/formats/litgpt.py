"""LitGPT: pre-training of a model by its name or its sizes, fine-tuning of a checkpoint, with or without LoRA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import decoder, training
from planner.formats.native import fields
from planner.workload import Lora, Model, NotChecked, Quantization, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

FOLDER = "checkpoints/"
"""Below which checkpoints lie under the names that they have on the Hub."""
NAMES = {"tiny-llama-1.1b": "TinyLlama/TinyLlama-1.1B-Chat-v1.0"}
"""Names of LitGPT's own (litgpt/config.py) that are not those of the Hub."""
TARGETS = {"lora_query": "q_proj", "lora_key": "k_proj", "lora_value": "v_proj", "lora_projection": "o_proj"}
NETWORK = ("gate_proj", "up_proj", "down_proj")
OPTIMIZERS = {"adamw": "adamw", "adam": "adam", "sgd": "sgd", "pagedadamw": "paged-adamw"}


def recognise(document: Document) -> bool:
    """Whether it has LitGPT's section of the run beside a precision and what is trained."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("train"), dict) or "precision" not in data:
        return False
    return "micro_batch_size" in data["train"] and not {"model_name", "checkpoint_dir"}.isdisjoint(data)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    yield settings.workload("litgpt", _model(settings), _training(settings), "run_name")


def _model(settings: Settings) -> Model:
    if settings.mapping("model_config").get("n_layer") is not None:
        sizes = decoder.config(_decoder(settings))
        return Model(str(settings.value("model_name", "model_config.name") or "") or None, sizes, "inline")
    own = NAMES.get(settings.word("model_name"))
    found = settings.named("checkpoint_dir", "model_name", beneath=FOLDER, instead=own)
    if found is None:
        settings.not_checked.append(NotChecked("model", "no model is named", "add `model_name:`", "model"))
        return Model()
    scheme = settings.word("quantize")
    return found._replace(quantization=Quantization("bitsandbytes", 4)) if scheme.startswith("bnb.nf4") else found


def _decoder(settings: Settings) -> decoder.Decoder:
    at = "model_config."
    mlp = settings.word(at + "mlp_class_name")
    vocabulary = settings.size("vocab_size", at + "padded_vocab_size", at + "vocab_size")
    hidden = settings.size("hidden_size", at + "n_embd")
    experts = settings.size("num_local_experts", at + "n_expert")
    return decoder.Decoder(
        hidden=hidden,
        layers=settings.size("num_hidden_layers", at + "n_layer"),
        heads=settings.size("num_attention_heads", at + "n_head"),
        width=settings.size("intermediate_size", at + "intermediate_size") or (4 * hidden if hidden else None),
        vocabulary=vocabulary,
        kv_heads=settings.size("num_key_value_heads", at + "n_query_groups"),
        head_size=settings.size("head_dim", at + "head_size"),
        context=settings.size("max_position_embeddings", at + "block_size"),
        gated=mlp in ("llamamlp", "gemmamlp", "llamamoe"),
        bias=settings.flag(True, at + "bias"),
        root_norm=settings.word(at + "norm_class_name") == "rmsnorm",
        tied=settings.flag(False, "train.tie_embeddings"),
        mixture=decoder.Mixture(experts, settings.size("num_experts_per_tok", at + "n_expert_per_token"))
        if experts
        else None,
    )


def _training(settings: Settings) -> Training:
    rank = settings.get("training.lora", fields.whole, "lora_r")
    tuned = settings.has("checkpoint_dir")
    method = ("qlora" if settings.word("quantize").startswith("bnb.") else "lora") if rank else "full"
    return Training(
        stage="finetune" if tuned else "continued-pretrain" if settings.has("initial_checkpoint_dir") else "pretrain",
        tokens=settings.get("training.tokens", fields.size, "train.max_tokens"),
        epochs=settings.get("training.epochs", fields.above_zero, "train.epochs"),
        steps=settings.get("training.steps", fields.count, "train.max_steps"),
        sequence_length=settings.get("training.sequence_length", fields.context, "train.max_seq_length"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "train.micro_batch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "train.global_batch_size"),
        method=method,
        lora=_lora(settings, rank) if rank else None,
        framework="litgpt",
        optimizer=_optimizer(settings),
        precision=_precision(settings),
        hardware=settings.hardware(_devices(settings)),
    )


def _lora(settings: Settings, rank: int) -> Lora:
    targets = [layer for key, layer in TARGETS.items() if settings.flag(False, key)]
    targets += NETWORK if settings.flag(False, "lora_mlp") else ()
    targets += ("lm_head",) if settings.flag(False, "lora_head") else ()
    dropout = fields.number(settings.value("lora_dropout")) or 0.0
    return Lora(rank, tuple(targets) or "all-linear", dropout)


def _optimizer(settings: Settings) -> str | None:
    return OPTIMIZERS.get(settings.word("optimizer.class_path", "optimizer").rpartition(".")[2])


def _precision(settings: Settings) -> str | None:
    stated = settings.word("precision")
    named = {"bf16-true": "bf16", "16-true": "fp16", "32-true": "fp32", "16-mixed": "fp16-mixed"}
    return named.get(stated) or (stated if stated == "bf16-mixed" else None)


def _devices(settings: Settings) -> int | None:
    """Devices of all nodes; `auto` is as many as there are."""
    each = (
        settings.get("training.hardware.count", fields.whole, "devices") if settings.word("devices") != "auto" else None
    )
    return each * (fields.whole(settings.value("num_nodes")) or 1) if each else None
