"""torchtune: recipes whose `_component_` names a builder of the model (torchtune.models.llama3_1.lora_llama3_1_8b).

Defaults are those of recipes/*.py and of the builders in torchtune/models. Weights are loaded in `dtype` and trained
in it; how many devices there are says `tune run`, not the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner import units
from planner.formats import training
from planner.formats.native import fields
from planner.formats.torchtune_model import Built, beside, built, sized
from planner.workload import Lora, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

MODELS = ("model", "policy_model")
OPTIMIZERS = {
    "adamw": "adamw", "adam": "adam", "sgd": "sgd", "adagrad": "adagrad", "adafactor": "adafactor",
    "pagedadamw": "paged-adamw", "pagedadamw8bit": "paged-adamw-8bit", "pagedadamw32bit": "paged-adamw",
    "adamw8bit": "adamw-8bit", "adam8bit": "adamw-8bit", "adamw4bit": "adamw-4bit", "lion": "lion", "muon": "muon",
}  # fmt: skip
PRECISIONS = {"bf16": "bf16", "bfloat16": "bf16", "fp16": "fp16", "float16": "fp16", "fp32": "fp32", "float32": "fp32"}
CHUNKED = ("LinearCrossEntropyLoss", "CEWithChunkedOutputLoss", "LinearGRPOLoss")
ATTENTION = {"q_proj": "q_proj", "k_proj": "k_proj", "v_proj": "v_proj", "output_proj": "o_proj"}
NETWORK = ("gate_proj", "up_proj", "down_proj")


def recognise(document: Document) -> bool:
    """Whether a section names a builder of torchtune's, or of one's own beside its tokenizers, as the model."""
    data = document.data
    if not isinstance(data, dict):
        return False
    sections = [data[key] for key in MODELS if isinstance(data.get(key), dict)]
    named = [section["_component_"] for section in sections if isinstance(section.get("_component_"), str)]
    return any(".models." in name for name in named) or (bool(named) and "checkpointer" in data)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes; a recipe without an optimizer only loads its model."""
    settings = training.Settings(document, context)
    at = MODELS[0] if settings.has(MODELS[0]) else MODELS[1]
    found = built(settings, at)
    model = _model(settings, at, found)
    if _decoder_frozen(settings, at, found):
        run = None
        because = "the decoder is frozen: how much is trained beside it is not known"
        settings.not_checked.append(NotChecked("training", because, "", "training"))
    elif settings.has("optimizer", "training.optimizer"):
        run = _training(settings, at, found)
    else:
        run = None
        because = "no optimizer: the recipe evaluates, generates or quantizes"
        settings.not_checked.append(NotChecked("training", because, "", "training"))
    yield settings.workload("torchtune", model, run, "name")


def _decoder_frozen(settings: Settings, at: str, found: Built) -> bool:
    """Models with an encoder of images train the encoder and what joins the two, and not the decoder, by default."""
    several = found.family.startswith("llama3_2_vision") or settings.has(f"{at}.encoder_trainable")
    return several and not found.adapts and not settings.flag(False, f"{at}.decoder_trainable")


def _model(settings: Settings, at: str, found: Built) -> Model:
    if found.name is None and (own := sized(settings, at, found)) is not None:
        return own
    model = settings.named(f"{at}._component_", instead=found.name) or Model()
    model = model._replace(dtype=settings.get("model.dtype", units.dtype, "dtype"))
    return model._replace(quantization=found.quantization) if found.quantization else model


def _training(settings: Settings, at: str, found: Built) -> Training:
    inner = "training." if settings.has("training.optimizer") else ""
    loss = str(settings.value(f"{inner}loss._component_", f"{inner}loss") or "").rpartition(".")[2]
    epochs = settings.get("training.epochs", fields.above_zero, "epochs")
    steps = settings.get("training.steps", fields.count, "max_steps_per_epoch")
    accumulation = settings.get("training.gradient_accumulation", fields.whole, f"{inner}gradient_accumulation_steps")
    run = Training(
        stage=_stage(settings, loss),
        epochs=None if steps else epochs,
        steps=steps * round(epochs or 1) if steps else settings.get("training.steps", fields.count, "num_steps"),
        sequence_length=_length(settings),
        micro_batch_size=_batch(settings, inner, accumulation),
        gradient_accumulation=accumulation,
        method=("qlora" if found.quantization else "lora") if found.adapts else "full",
        lora=_lora(settings, at) if found.adapts else None,
        framework="torchtune",
        optimizer=settings.get("training.optimizer", _optimizer, f"{inner}optimizer._component_"),
        optimizer_implementation="fused" if settings.flag(False, f"{inner}optimizer.fused") else None,
        optimizer_in_backward=settings.get("training.optimizer_in_backward", fields.flag, "optimizer_in_bwd"),
        cross_entropy="chunked" if loss in CHUNKED else "standard",
        precision=settings.get("training.precision", _precision, "dtype"),
        activation_checkpointing=_checkpointing(settings, inner),
        kernels="fused" if settings.flag(False, f"{inner}compile", f"{inner}compile.model") else None,
        packing=settings.get("training.packing", fields.flag, "dataset.packed"),
        tensor_parallel=settings.get("training.tensor_parallel", fields.whole, "tensor_parallel_dim"),
        context_parallel=settings.get("training.context_parallel", fields.whole, "context_parallel_dim"),
        shard_degree=settings.get("training.shard_degree", fields.whole, "data_parallel_shard_dim"),
        reshard_after_forward=settings.get("training.reshard_after_forward", fields.flag, "fsdp_reshard_after_forward"),
        hardware=settings.hardware(
            settings.get("training.hardware.count", fields.whole, "orchestration.num_training_workers")
        ),
        offload="parameters" if settings.flag(False, "fsdp_cpu_offload") else None,
    )
    return beside(run, settings, loss, found.adapts)


def _length(settings: Settings) -> int | None:
    """Tokens of a sample, after those that PPO generates."""
    length = settings.get("training.sequence_length", fields.context, "tokenizer.max_seq_len")
    generated = fields.whole(settings.value("max_generated_tokens")) if settings.has("policy_model") else None
    if length is None:
        because = "`tokenizer.max_seq_len` is not set, and the length of the samples decides the activations"
        mend = "set `tokenizer.max_seq_len: 2048`; `dataset.packed` needs it, too"
        settings.not_checked.append(NotChecked("training", because, mend, "training.sequence_length"))
    return length + (generated or 0) if length else None


def _batch(settings: Settings, inner: str, accumulation: int | None) -> int | None:
    """Samples on one device at once; PPO divides its batch by the accumulation."""
    whole = settings.get("training.micro_batch_size", fields.whole, "ppo_batch_size")
    if whole is not None:
        return max(1, whole // (accumulation or 1))
    return settings.get("training.micro_batch_size", fields.whole, f"{inner}batch_size")


def _stage(settings: Settings, loss: str) -> str:
    if "PPO" in loss or "GRPO" in loss or settings.has("policy_model"):
        return "rl"
    return "preference" if any(word in loss for word in ("DPO", "RSO", "SimPO")) else "finetune"


def _lora(settings: Settings, at: str) -> Lora:
    names = settings.value(f"{at}.lora_attn_modules")
    targets = [ATTENTION[name] for name in map(str, names) if name in ATTENTION] if isinstance(names, list) else []
    targets += NETWORK if settings.flag(False, f"{at}.apply_lora_to_mlp") else ()
    targets += ("lm_head",) if settings.flag(False, f"{at}.apply_lora_to_output") else ()
    return Lora(
        rank=settings.get_or("training.lora.rank", fields.whole, 8, "torchtune", f"{at}.lora_rank"),
        targets=tuple(targets) or "all-linear",
        dropout=fields.number(settings.value(f"{at}.lora_dropout")) or 0.0,
        dora=settings.flag(False, f"{at}.use_dora"),
    )


def _optimizer(value: object) -> str | None:
    return OPTIMIZERS.get(str(value).rpartition(".")[2].lower())


def _precision(value: object) -> str | None:
    return PRECISIONS.get(str(value).lower())


def _checkpointing(settings: Settings, inner: str) -> str:
    mode = settings.word("ac_mode")
    if mode in ("full", "selective"):
        return mode
    return "full" if settings.flag(False, f"{inner}enable_activation_checkpointing") else "none"
