"""GPT-NeoX (EleutherAI): flat keys with hyphens or underscores.

The number of devices is that of the launch: tokens are known where `train_batch_size` or the devices are stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import decoder, training
from planner.formats.native import fields
from planner.formats.training_model import VOCABULARY, vocabulary
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

SIZES = frozenset({"num_layers", "hidden_size", "num_attention_heads"})
OWN = frozenset({
    "pipe_parallel_size", "model_parallel_size", "pos_emb", "train_iters", "no_weight_tying", "scaled_init_method",
    "attention_config", "make_vocab_size_divisible_by", "data_impl", "distributed_backend", "checkpoint_factor",
})  # fmt: skip
OPTIMIZERS = {"adam": "adamw", "adamw": "adamw", "lion": "lion", "sgd": "sgd", "cpu_adam": "adamw", "muon": "muon"}
VOCABULARY_MULTIPLE = 128
TOKENIZER = "GPT2BPETokenizer"
"""Where none is stated (megatron/neox_arguments/neox_args.py)."""


def spell(key: str) -> str:
    """A key as the project's own code calls it."""
    return key.replace("-", "_")


def recognise(document: Document) -> bool:
    """Whether it holds the sizes of a model beside several keys of NeoX's own."""
    data = document.data
    if not isinstance(data, dict) or "MODEL_ARGS" in data:
        return False
    keys = {spell(key) for key in data}
    return keys >= SIZES and len(keys & OWN) >= 2 and not {"peft_type", "model_type", "trainer"} & keys


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context, spell)
    yield settings.workload("gpt-neox", _model(settings), _training(settings), "wandb_group")


def _model(settings: Settings) -> Model:
    kinds = settings.value("attention_config")
    if isinstance(kinds, list) and any(word in str(kinds).lower() for word in ("mamba", "rwkv")):
        because = "its layers are no transformer's"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model()
    entries = settings.vocabulary("vocab_file", "tokenizer_type")
    if not settings.has("vocab_file", "tokenizer_type"):
        entries = vocabulary(TOKENIZER, settings.document, settings.context)
    if entries is None:
        because = "the size of the vocabulary is that of the tokenizer, which is not known"
        settings.not_checked.append(NotChecked("model", because, "name a known `vocab_file`", VOCABULARY))
    multiple = fields.whole(settings.value("make_vocab_size_divisible_by")) or VOCABULARY_MULTIPLE
    multiple *= fields.whole(settings.value("model_parallel_size")) or 1
    hidden = settings.size("hidden_size", "hidden_size")
    gated = "glu" in settings.word("activation")
    bias = settings.flag(not settings.word("norm").startswith("rms"), "use_bias_in_attn_linear")
    sizes = decoder.Decoder(
        hidden=hidden,
        layers=settings.size("num_hidden_layers", "num_layers"),
        heads=settings.size("num_attention_heads", "num_attention_heads"),
        width=_width(settings, hidden, gated),
        vocabulary=decoder.rounded_up(entries, multiple),
        kv_heads=settings.size("num_key_value_heads", "num_kv_heads"),
        context=settings.size("max_position_embeddings", "max_position_embeddings"),
        gated=gated,
        bias=bias,
        root_norm=settings.word("norm").startswith("rms"),
        learned=(settings.word("pos_emb") or "learned") == "learned",
        tied=not settings.flag(False, "no_weight_tying"),
    )
    return Model(None, _layers(decoder.config(sizes), sizes), "inline")


def _layers(keys: dict[str, object], sizes: decoder.Decoder) -> dict[str, object]:
    """NeoX's own layers where they are of its kind."""
    own = not sizes.gated and sizes.bias and not sizes.root_norm and not sizes.learned
    return {**keys, "model_type": "gpt_neox"} if own and sizes.kv_heads in (None, sizes.heads) else keys


def _width(settings: Settings, hidden: int | None, gated: bool) -> int | None:
    """4 × hidden; of a gated network two thirds of that, rounded up to a multiple of 256 (megatron/model)."""
    stated = settings.size("intermediate_size", "intermediate_size")
    if stated is not None or hidden is None:
        return stated
    return decoder.rounded_up(int(2 * 4 * hidden / 3), 256) if gated else 4 * hidden


def _training(settings: Settings) -> Training | None:
    if not settings.has("train_iters", "train_epochs", "train_micro_batch_size_per_gpu"):
        return None
    zero = settings.value("zero_optimization.stage")
    return Training(
        stage=_stage(settings),
        epochs=settings.get("training.epochs", fields.above_zero, "train_epochs"),
        steps=settings.get("training.steps", fields.count, "train_iters"),
        sequence_length=settings.get("training.sequence_length", fields.context, "seq_length"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "train_micro_batch_size_per_gpu"),
        gradient_accumulation=settings.get(
            "training.gradient_accumulation", fields.whole, "gradient_accumulation_steps", "gas"
        ),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "train_batch_size"),
        method="full",
        framework="gpt-neox",
        optimizer=OPTIMIZERS.get(settings.word("optimizer.type")),
        precision=_precision(settings),
        activation_checkpointing="full" if settings.flag(False, "checkpoint_activations") else None,
        sharding={0: "ddp", 1: "zero1", 2: "zero2", 3: "zero3"}.get(zero) if isinstance(zero, int) else None,
        tensor_parallel=settings.get("training.tensor_parallel", fields.whole, "model_parallel_size"),
        pipeline_parallel=settings.get("training.pipeline_parallel", fields.whole, "pipe_parallel_size"),
        hardware=settings.hardware(_devices(settings)),
        schedule_steps=settings.get("training.schedule_steps", fields.count, "lr_decay_iters"),
    )


def _devices(settings: Settings) -> int | None:
    whole = settings.get("training.hardware.count", fields.whole, "global_num_gpus")
    each = fields.whole(settings.value("num_gpus"))
    return whole or (each * (fields.whole(settings.value("num_nodes")) or 1) if each else None)


def _precision(settings: Settings) -> str | None:
    for key, named in (("fp16", "fp16-mixed"), ("bf16", "bf16-mixed")):
        section = settings.value(key)
        if isinstance(section, Mapping) and section.get("enabled") is True:
            return named
    return {"bfloat16": "bf16-mixed", "fp16": "fp16-mixed", "fp32": "fp32"}.get(settings.word("precision"))


def _stage(settings: Settings) -> str:
    """Pre-training, unless it goes on from a checkpoint that is not its own."""
    if settings.word("train_impl") in ("dpo", "kto", "rm", "reinforce"):
        return "preference"
    if settings.has("finetune", "train_label_data_paths"):
        return "finetune"
    loaded, saved = settings.value("load"), settings.value("save")
    return "continued-pretrain" if loaded and loaded != saved else "pretrain"
