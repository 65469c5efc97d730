"""Runs by the names of transformers' TrainingArguments: TRL and its recipes, open-instruct, fms-hf-tuning.

Defaults are those of TRL's configs (trl/trainer/*_config.py), of open-instruct's arguments (open_instruct/finetune.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import launch, trainer
from planner.formats.launch import Launch
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.record import NamedTuple
from planner.workload import Companion, Lora, Model, NotChecked, Origin, Rollout, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

RUN = frozenset({
    "learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps", "num_train_epochs", "num_epochs",
    "max_steps",
})  # fmt: skip
"""What makes it a run."""
OWN = RUN | {
    "lr_scheduler_type", "output_dir", "max_seq_length", "max_length", "dataset_name", "dataset_mixer", "use_peft",
    "dataset_mixture", "torch_dtype", "dtype", "attn_implementation", "bf16", "gradient_checkpointing",
    "num_generations", "reward_funcs", "max_completion_length", "max_prompt_length", "warmup_ratio",
    "dataset_mixer_list", "lora_r", "training_data_path", "chat_template", "report_to", "logging_steps",
    "model_revision",
}  # fmt: skip
GENERATION = ("num_generations", "reward_funcs", "max_completion_length")
PREFERENCE = ("beta", "precompute_ref_log_probs", "rpo_alpha", "desirable_weight", "gamma_beta_ratio")
LOSSES = {"simpo": "simpo", "orpo": "orpo", "ipo": "ipo", "kto": "kto", "cpo": "cpo"}
WITHOUT_REFERENCE = ("orpo", "simpo", "cpo", "reward")


class Dialect(NamedTuple):
    """What differs between the programs that take these names."""

    name: str
    framework: str
    whose: str
    length: int | None
    """Tokens of a sequence where none are stated."""
    checkpointing: bool
    weights: str
    """Precision in which the model is loaded."""
    epochs: float
    rank: int
    targets: str | tuple[str, ...]
    dropout: float


TRL = Dialect("trl", "trl", "TRL", 1024, True, "fp32", 3.0, 16, ("q_proj", "v_proj"), 0.05)
"""Without `lora_target_modules`, PEFT has its own for each architecture: mostly queries and values."""
OPEN_INSTRUCT = Dialect(
    "open-instruct", "open-instruct", "open-instruct", None, False, "bf16", 2.0, 64, "all-linear", 0.1
)
FMS = Dialect("fms-hf-tuning", "trl", "fms-hf-tuning", 4096, False, "bf16", 3.0, 8, ("q_proj", "v_proj"), 0.05)


def recognise(document: Document) -> bool:
    """Whether a model by path or name stands beside three of these arguments."""
    data = document.data
    return isinstance(data, dict) and "model_name_or_path" in data and len(OWN & data.keys()) >= 3


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The run that it describes; a file without one generates or evaluates."""
    settings = Settings(document, context)
    dialect = _dialect(settings)
    model = _model(settings)
    if RUN.isdisjoint(document.data):
        because = "it states nothing that is trained: no batch, no steps, no learning rate"
        settings.not_checked.append(NotChecked("training", because, "", "training"))
        yield settings.workload("trl", model, None)
        return
    spread, lost = launch.found(settings, "deepspeed_config_file", "accelerate_launch_args.config_file")
    run = launch.joined(settings, _training(settings, dialect, spread), spread)
    problems = (*lost, *launch.mismatches(settings, spread))
    yield settings.workload(dialect.name, model, run)._replace(problems=problems)


def _dialect(settings: Settings) -> Dialect:
    if settings.has("use_slow_tokenizer", "with_tracking", "checkpointing_steps", "dataset_mixer_list"):
        return OPEN_INSTRUCT
    return FMS if settings.has("training_data_path", "accelerate_launch_args", "response_template") else TRL


def _model(settings: Settings) -> Model:
    found = settings.named("model_name_or_path")
    if found is None:
        settings.not_checked.append(NotChecked("model", "no model is named", "add `model_name_or_path:`", "model"))
        return Model()
    return trainer.quantized(found, _bits(settings))


def _bits(settings: Settings) -> int | None:
    return 4 if truth(settings.value("use_qlora")) else trainer.loaded_bits(settings)


def _training(settings: Settings, dialect: Dialect, spread: Launch | None) -> Training:
    micro, accumulation = trainer.batch(settings, dialect.whose, 8)
    steps = settings.get("training.steps", fields.count, "max_steps")
    adapted = _adapted(settings)
    optimizer, kernels = trainer.optimizer(settings, "adamw_torch_fused", "transformers", "optim")
    stage, algorithm = _stage(settings)
    liger = any(truth(settings.value(key)) for key in ("use_liger_kernel", "use_liger", "use_liger_loss"))
    return Training(
        stage=stage,
        epochs=None if steps else settings.get_or(
            "training.epochs", fields.above_zero, dialect.epochs, dialect.whose, "num_train_epochs", "num_epochs"
        ),
        steps=steps,
        sequence_length=_length(settings, dialect, stage),
        micro_batch_size=micro,
        gradient_accumulation=accumulation,
        method=("qlora" if _bits(settings) == 4 else "lora") if adapted else "full",
        base_dtype="float32" if adapted and not _bits(settings) and _weights(settings, dialect) == "fp32" else None,
        lora=_lora(settings, dialect) if adapted else None,
        framework=dialect.framework,
        optimizer="adamw-8bit" if truth(settings.value("use_8bit_optimizer")) else optimizer,
        optimizer_implementation=kernels,
        attention=_attention(settings, dialect),
        cross_entropy="fused" if liger else _loss(settings, dialect, algorithm, spread),
        completion_length=_completion(settings) if stage == "rl" else None,
        kernels="fused" if liger else None,
        precision=_precision(settings, dialect, spread, adapted),
        activation_checkpointing=_checkpointing(settings, dialect),
        packing=settings.flag(False, "packing"),
        hardware=settings.hardware(),
        algorithm=algorithm,
        reference_model=_reference(settings, dialect, algorithm, adapted),
        rollout=_rollout(settings, algorithm),
    )  # fmt: skip


def _adapted(settings: Settings) -> bool:
    """An adapter is asked for by a switch of its own; keys of it alone change nothing."""
    if settings.has("use_peft", "use_lora"):
        return truth(settings.value("use_peft", "use_lora"))
    return settings.word("peft_method") == "lora"


def _lora(settings: Settings, dialect: Dialect) -> Lora:
    rank = "lora_r" if settings.has("lora_r") else "lora_rank" if settings.has("lora_rank") else "r"
    layers = "lora_target_modules" if settings.has("lora_target_modules") else "target_modules"
    found = trainer.adapter(
        settings, dialect.whose, (rank, dialect.rank), layers, dialect.targets, ("lora_dropout", dialect.dropout)
    )
    return found._replace(
        dora=truth(settings.value("use_dora")), modules_to_save=trainer.names(settings.value("lora_modules_to_save"))
    )


def _length(settings: Settings, dialect: Dialect, stage: str) -> int | None:
    """Of a sequence; where completions are generated, prompt and completion together."""
    field, whose = "training.sequence_length", dialect.whose
    if stage != "rl":
        return settings.get_or(field, fields.context, dialect.length, whose, "max_length", "max_seq_length")
    completion = _completion(settings)
    settings.get_or(field, fields.context, 512, whose, "max_completion_length")
    prompt = fields.context(settings.value("max_prompt_length")) or 512
    return completion + prompt if completion else None


def _completion(settings: Settings) -> int | None:
    """Tokens that are generated, whose logits alone are computed (GRPOTrainer: `logits_to_keep`)."""
    return fields.context(settings.value("max_completion_length")) if settings.has("max_completion_length") else 512


def _loss(settings: Settings, dialect: Dialect, algorithm: str | None, spread: Launch | None) -> str | None:
    if "chunked" in settings.word("loss_type"):
        return "chunked"
    if dialect is OPEN_INSTRUCT:
        return None
    sharding = spread.sharding if spread else None
    return trainer.selective(algorithm, _autocast(settings) is not None, sharding)


def _autocast(settings: Settings) -> str | None:
    """bf16 unless fp16 is asked for, or it is switched off (trl/trainer/base_config.py)."""
    return "fp16" if truth(settings.value("fp16")) else None if settings.value("bf16") is False else "bf16"


def _stage(settings: Settings) -> tuple[str, str | None]:
    """(stage, algorithm) by what only one kind of trainer asks for."""
    if settings.has(*GENERATION):
        return "rl", "grpo"
    loss = settings.word("loss_type")
    named = next((name for word, name in LOSSES.items() if word in loss or f"/{word}" in settings.document.file), None)
    if settings.has("desirable_weight"):
        return "preference", "kto"
    if settings.has(*PREFERENCE) or loss.startswith(("dpo", "simpo", "sigmoid")):
        return "preference", named or "dpo"
    return ("preference", "reward") if settings.has("center_rewards_coefficient") else ("finetune", None)


def _reference(settings: Settings, dialect: Dialect, algorithm: str | None, adapted: bool) -> Companion | None:
    """None where an adapter is switched off instead, where its log-probabilities are worked out before, without KL."""
    if algorithm is None:
        return None
    weight = settings.value("beta")
    free = algorithm == "grpo" and (weight is None or fields.number(weight) == 0.0)
    first = truth(settings.value("precompute_ref_log_probs")) or dialect is OPEN_INSTRUCT
    return Companion("none") if adapted or free or first or algorithm in WITHOUT_REFERENCE else Companion()


def _rollout(settings: Settings, algorithm: str | None) -> Rollout | None:
    """vLLM beside the trainer, unless it is a server: then it has devices of its own."""
    served = settings.word("vllm_mode") == "server" or settings.has("vllm_server_host", "vllm_device")
    if algorithm != "grpo" or not truth(settings.value("use_vllm")) or served:
        return None
    share = settings.get_or("training.rollout", fields.share, 0.3, "TRL", "vllm_gpu_memory_utilization")
    parallel = fields.whole(settings.value("vllm_tensor_parallel_size"))
    return Rollout("vllm", share, parallel, truth(settings.value("vllm_enable_sleep_mode")))


def _attention(settings: Settings, dialect: Dialect) -> str | None:
    if settings.has("attn_implementation"):
        settings.origins["training.attention"] = Origin("key", ("attn_implementation",))
        return trainer.attention(settings.word("attn_implementation"))
    flash = settings.value("use_flash_attn", "use_flash_attention_2")
    if flash is None:
        return "flash" if dialect is not TRL else None
    return "flash" if truth(flash) else "sdpa"


def _precision(settings: Settings, dialect: Dialect, spread: Launch | None, adapted: bool) -> str:
    """As loaded, by `dtype`, under bf16 unless fp16 is asked for; "auto" is what the checkpoint has, mostly bf16."""
    stated, weights = settings.find("dtype", "torch_dtype"), _weights(settings, dialect)
    note = f"{dialect.whose}'s default: weights in {weights}"
    settings.origins["training.precision"] = Origin("key", stated.path) if stated else Origin("default", note=note)
    return trainer.precision(weights, _autocast(settings), spread.sharding if spread else None, adapted)


def _weights(settings: Settings, dialect: Dialect) -> str:
    """Precision in which the model is loaded."""
    word = str(settings.value("dtype", "torch_dtype") or "").lower().removeprefix("torch.")
    stated = trainer.HALVES.get(word) or ("fp32" if word in ("float32", "fp32") else None)
    return stated or ("bf16" if word == "auto" or _bits(settings) else dialect.weights)


def _checkpointing(settings: Settings, dialect: Dialect) -> str:
    field = "training.activation_checkpointing"
    found = settings.get(field, trainer.checkpointing, "gradient_checkpointing")
    if found is None:
        found = "full" if dialect.checkpointing else "none"
        settings.origins[field] = Origin("default", note=f"{dialect.whose}'s default")
    return "offloaded" if truth(settings.value("activation_offloading")) else found
