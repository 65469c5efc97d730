"""Levanter (Stanford, Marin): steps and batch under `trainer`, the model by its type and sizes.

Sizes that a model does not state are the defaults of its class (src/levanter/models/llama.py, gpt2.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import training
from planner.formats.native import fields
from planner.formats.resolve_model import first_mapping, located
from planner.formats.training_model import VOCABULARY, vocabulary
from planner.formats.values import word
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

LLAMA = {"hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32}
DEFAULTS: dict[str, dict[str, int]] = {
    "gpt2": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "max_position_embeddings": 1024},
    **{kind: {**LLAMA, "max_position_embeddings": 2048} for kind in ("llama", "mistral", "qwen", "qwen3", "olmo2")},
}
KINDS = {"qwen": "qwen2"}
"""Types under another name than in a config.json."""
SIZES = {
    "hidden_size": "hidden_dim", "intermediate_size": "intermediate_dim", "num_hidden_layers": "num_layers",
    "num_attention_heads": "num_heads", "num_key_value_heads": "num_kv_heads", "max_position_embeddings": "seq_len",
    "head_dim": "head_dim", "num_local_experts": "n_routed_experts", "num_experts_per_tok": "num_experts_per_tok",
}  # fmt: skip
TOKENIZER = "gpt2"
"""Where none is named (src/levanter/data/text.py)."""
TUNED = frozenset({"chat", "supervised", "chat_jsonl"})


def recognise(document: Document) -> bool:
    """Whether it has a trainer of Levanter's and the model by its type."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("trainer"), dict):
        return False
    if not isinstance(data.get("model"), dict) or not isinstance(data["model"].get("type"), str):
        return False
    return not {"mp", "train_batch_size", "num_train_steps", "per_device_parallelism"}.isdisjoint(data["trainer"])


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    model = _model(settings)
    yield settings.workload("levanter", model, _training(settings, model), "trainer.id", "run_name")


def _training(settings: Settings, model: Model) -> Training:
    mixed = settings.word("trainer.mp")
    length = settings.get("training.sequence_length", fields.context, "max_seq_len", "model.seq_len")
    if length is None and model.config is not None:
        length = fields.whole(model.config.get("max_position_embeddings"))
    return Training(
        stage=_stage(settings),
        steps=settings.get("training.steps", fields.count, "trainer.num_train_steps"),
        sequence_length=length,
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "trainer.per_device_parallelism"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "trainer.train_batch_size"),
        method="lora" if settings.has("lora") else "full",
        framework="levanter",
        optimizer=_optimizer(settings),
        precision="bf16-mixed" if "c=b" in mixed else "fp32" if mixed in ("f32", "p=f32") else None,
        activation_checkpointing=_checkpointing(settings),
        sharding="fsdp" if settings.has("trainer.fsdp_axis") else None,
        hardware=settings.hardware(),
    )


def _optimizer(settings: Settings) -> str | None:
    kind = settings.word("optimizer.type") or ("adamw" if settings.mapping("optimizer") else "")
    return {"adam": "adamw", "adamw": "adamw", "muon": "muon", "lion": "lion"}.get(kind)


def _checkpointing(settings: Settings) -> str | None:
    stated = settings.value("model.gradient_checkpointing")
    return ("full" if stated else "none") if isinstance(stated, bool) else None


def _stage(settings: Settings) -> str:
    starts = settings.has("initialize_from_hf", "initialize_from_checkpoint_path", "initialize_from")
    tuned = settings.has("supervised_data", "messages_field", "chat_train_urls") or bool(
        TUNED & {settings.word("dataset_type"), settings.word("data.format.type")}
    )
    if tuned or settings.has("lora"):
        return "finetune"
    return "continued-pretrain" if starts else "pretrain"


def _model(settings: Settings) -> Model:
    if settings.has("use_hf_model_config") or not settings.mapping("model").keys() - {"type"}:
        path = next(
            (path for path in ("initialize_from_hf", "data.tokenizer") if isinstance(settings.value(path), str)), ""
        )
        found = settings.named(path) if path and settings.has("initialize_from_hf") else None
        if found is not None:
            return found
    kind = settings.word("model.type")
    if kind not in DEFAULTS and kind not in ("mixtral", "gemma", "gemma2"):
        because = f"models of type {kind} are not known"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model(kind)
    config: dict[str, object] = {"model_type": KINDS.get(kind, kind), **DEFAULTS.get(kind, {})}
    for key, theirs in SIZES.items():
        size = settings.size(key, f"model.{theirs}")
        if size is not None:
            config[key] = size
    config["vocab_size"] = _vocabulary(settings)
    config["tie_word_embeddings"] = settings.flag(kind.startswith(("gpt2", "gemma")), "model.tie_word_embeddings")
    return Model(kind, config, "inline")


def _vocabulary(settings: Settings) -> int | None:
    """Entries of the tokenizer; the section that names it may be a file of its own (`data: !include …`)."""
    name = settings.value("tokenizer", "data.tokenizer")
    if name is None and settings.document.tagged.get(("data",)) == "!include":
        target = located(str(settings.value("data")), settings.document.file)
        found, wrong = first_mapping(target, settings.context.load)
        if found is None:
            because = f"the tokenizer is named in {settings.value('data')}, which cannot be read: {wrong}"
            settings.not_checked.append(NotChecked("model", because, "put that file in its place", "model"))
            return None
        name = found.data.get("tokenizer")
    name = TOKENIZER if name is None else word(name)
    entries = settings.vocabulary("tokenizer", "data.tokenizer") or vocabulary(
        name, settings.document, settings.context
    )
    if entries is None:
        because = f"how many entries the tokenizer {name} has is not known"
        settings.not_checked.append(NotChecked("model", because, "name the tokenizer of a known model", VOCABULARY))
    return entries
