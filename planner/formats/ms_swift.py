"""ms-swift: fine-tuning on transformers, and reinforcement learning on Megatron with groups of devices.

Defaults are those of its arguments (swift/arguments, swift/megatron/arguments).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import launch, trainer
from planner.formats.launch import Launch
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.workload import Companion, Lora, Model, NotChecked, Origin, Rollout, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

NAME = "ms-swift"
OWN = frozenset({
    "tuner_type", "train_type", "rlhf_type", "split_dataset_ratio", "torch_dtype", "target_modules", "lora_rank",
    "attn_impl", "max_length", "dataset_num_proc", "device_groups", "colocate_groups", "padding_free",
    "per_device_train_batch_size", "micro_batch_size", "max_completion_length", "model_author", "freeze_vit",
})  # fmt: skip
ALGORITHMS = ("dpo", "orpo", "simpo", "kto", "cpo", "ppo", "grpo", "gkd")


def recognise(document: Document) -> bool:
    """Whether a model and a dataset stand beside three of ms-swift's own keys."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("model"), str) or "dataset" not in data:
        return False
    return len(OWN & data.keys()) >= 3


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = Settings(document, context)
    spread, lost = launch.found(settings)
    builtin = launch.by_name(settings.word("deepspeed"))
    if builtin is not None and lost and settings.word("deepspeed").startswith("zero"):
        lost = ()  # names of files that ms-swift brings along (swift/config)
    run = launch.joined(settings, _training(settings, spread), spread)
    run = trainer.partly(settings, run, "freeze_parameters_ratio", "lisa_activated_layers", "trainable_parameters")
    yield settings.workload("ms-swift", _model(settings), run)._replace(problems=lost)


def _model(settings: Settings) -> Model:
    found = settings.named("model")
    if found is None:
        settings.not_checked.append(NotChecked("model", "no model is named", "add `model:`", "model"))
        return Model()
    method = settings.word("quant_method")
    return trainer.quantized(found, _bits(settings), "bitsandbytes" if method in ("", "bnb") else method)


def _bits(settings: Settings) -> int | None:
    return fields.whole(settings.value("quant_bits"))


def _megatron(settings: Settings) -> bool:
    """Whether it runs on Megatron: by its batch, and by sections for groups of devices."""
    return settings.has("micro_batch_size", "global_batch_size", "train.tensor_model_parallel_size")


def _training(settings: Settings, spread: Launch | None) -> Training:
    megatron = _megatron(settings)
    whose = f"{NAME} on Megatron" if megatron else NAME
    micro, accumulation = (
        (settings.get_or("training.micro_batch_size", fields.whole, 1, whose, "micro_batch_size"), None)
        if megatron
        else (
            _micro(settings),
            settings.get("training.gradient_accumulation", fields.whole, "gradient_accumulation_steps"),
        )
    )
    tuner = settings.word("tuner_type", "train_type", "train.tuner_type") or ("full" if megatron else "lora")
    adapted = tuner.startswith(("lora", "adalora", "longlora"))
    algorithm = settings.word("rlhf_type") if settings.word("rlhf_type") in ALGORITHMS else None
    optimizer, kernels = _optimizer(settings, megatron)
    return Training(
        stage=_stage(algorithm),
        algorithm=algorithm,
        epochs=settings.get("training.epochs", fields.above_zero, "num_train_epochs", "max_epochs"),
        steps=settings.get("training.steps", fields.count, "max_steps", "train_iters"),
        sequence_length=_length(settings, algorithm),
        micro_batch_size=micro,
        gradient_accumulation=accumulation,
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "global_batch_size"),
        method=("qlora" if _bits(settings) == 4 else "lora") if adapted else "full",
        lora=_lora(settings) if adapted else None,
        framework="megatron" if megatron else "ms-swift",
        optimizer=optimizer,
        optimizer_implementation=kernels,
        attention=trainer.attention(settings.word("attn_impl", "attention_backend")),
        cross_entropy="fused" if truth(settings.value("use_liger_kernel")) else None,
        kernels="fused" if truth(settings.value("use_liger_kernel")) else None,
        precision=_precision(settings, megatron, spread, adapted),
        activation_checkpointing=_checkpointing(settings, megatron),
        offload="optimizer" if truth(settings.value("train.optimizer_cpu_offload", "optimizer_cpu_offload")) else None,
        tensor_parallel=_parallel(settings, "tensor", "tensor_model_parallel_size"),
        pipeline_parallel=_parallel(settings, "pipeline", "pipeline_model_parallel_size"),
        context_parallel=_parallel(settings, "context", "context_parallel_size", "sequence_parallel_size"),
        expert_parallel=_parallel(settings, "expert", "expert_model_parallel_size"),
        sequence_parallel=True if truth(settings.value("sequence_parallel")) else None,
        packing=truth(settings.value("packing")) or None,
        hardware=settings.hardware(_devices(settings)),
        reference_model=_reference(settings, algorithm, adapted),
        teacher_model=_teacher(settings),
        rollout=_rollout(settings),
    )


def _micro(settings: Settings) -> int | None:
    return settings.get_or("training.micro_batch_size", fields.whole, 1, NAME, "per_device_train_batch_size")


def _stage(algorithm: str | None) -> str:
    if algorithm in ("ppo", "grpo"):
        return "rl"
    return "preference" if algorithm in ("dpo", "orpo", "simpo", "kto", "cpo") else "finetune"


def _length(settings: Settings, algorithm: str | None) -> int | None:
    """Of a sample; what is generated comes on top of it."""
    found = settings.get("training.sequence_length", fields.context, "max_length")
    generated = fields.context(settings.value("max_completion_length")) if algorithm in ("grpo", "gkd", "ppo") else None
    return found + generated if found and generated else found


def _lora(settings: Settings) -> Lora:
    rank = "lora_rank" if settings.has("lora_rank") else "train.lora_rank"
    found = trainer.adapter(settings, NAME, (rank, 8), "target_modules", "all-linear", ("lora_dropout", 0.05))
    return found._replace(
        dora=truth(settings.value("use_dora")),
        modules_to_save=trainer.names(settings.value("modules_to_save")),
        dtype=settings.word("lora_dtype") or None,
    )


def _optimizer(settings: Settings, megatron: bool) -> tuple[str | None, str | None]:
    if truth(settings.value("use_galore")):
        return "galore", None
    if megatron:
        return trainer.optimizer(settings, "adam", f"{NAME} on Megatron", "optimizer")
    return trainer.optimizer(settings, "adamw_torch_fused", "transformers", "optim")


def _precision(settings: Settings, megatron: bool, spread: Launch | None, adapted: bool) -> str:
    """Weights are loaded in the dtype of the checkpoint, mostly bf16, and that is the precision of the arithmetic."""
    stated = settings.find("torch_dtype")
    settings.origins["training.precision"] = (
        Origin("key", stated.path) if stated else Origin("default", note=f"{NAME}'s default: that of the checkpoint")
    )
    weights = trainer.HALVES.get(settings.word("torch_dtype"), "bf16" if not stated else "fp32")
    if megatron:
        return "bf16" if adapted else "bf16-mixed"
    return trainer.precision(
        weights, "fp16" if weights == "fp32" else weights, spread.sharding if spread else None, adapted
    )


def _checkpointing(settings: Settings, megatron: bool) -> str:
    field = "training.activation_checkpointing"
    if megatron:
        stated = settings.get_or(field, fields.word, "selective", f"{NAME} on Megatron", "recompute_granularity")
        return stated if stated in ("selective", "full", "none") else "none"
    if settings.value("gradient_checkpointing") is None:
        settings.origins[field] = Origin("default", note=f"{NAME}'s default: on")
        return "full"
    return settings.get(field, trainer.checkpointing, "gradient_checkpointing") or "none"


def _parallel(settings: Settings, name: str, *keys: str) -> int | None:
    paths = [path for key in keys for path in (key, f"train.{key}")]
    return settings.get(f"training.{name}_parallel", fields.whole, *paths)


def _devices(settings: Settings) -> int | None:
    """Of the group that trains, else of a node that Ray is told about."""
    return settings.get("training.hardware.count", fields.whole, "train.gpus", "device_groups.nproc_per_node")


def _reference(settings: Settings, algorithm: str | None, adapted: bool) -> Companion | None:
    """None beside an adapter, and with GRPO whose `beta` is 0 (rlhf_args.py)."""
    if algorithm is None:
        return None
    free = algorithm == "grpo" and fields.number(settings.value("beta")) == 0.0
    return Companion("none") if adapted or free or algorithm in ("orpo", "simpo", "cpo", "gkd") else Companion()


def _teacher(settings: Settings) -> Companion | None:
    """A teacher beside the trainer, on the host while it is idle, or in a group of its own."""
    if settings.has("teacher.model"):
        return Companion("elsewhere", settings.named_beside("teacher.model"))
    if not settings.has("teacher_model"):
        return None
    place = "host" if truth(settings.value("offload_teacher_model")) else "device"
    return Companion(place, settings.named_beside("teacher_model"))


def _rollout(settings: Settings) -> Rollout | None:
    """vLLM on the devices that train: where the groups are colocated, or the mode says so."""
    groups = settings.value("colocate_groups")
    colocated = isinstance(groups, list) and any(isinstance(group, list) and "rollout" in group for group in groups)
    if not truth(settings.value("use_vllm")) or not (colocated or settings.word("vllm_mode") == "colocate"):
        return None
    share = settings.get_or(
        "training.rollout",
        fields.share,
        0.9,
        NAME,
        "vllm_gpu_memory_utilization",
        "rollout.vllm_gpu_memory_utilization",
    )
    parallel = settings.value("vllm_tensor_parallel_size", "rollout.vllm_tensor_parallel_size")
    return Rollout("vllm", share, fields.whole(parallel), (fields.whole(settings.value("sleep_level")) or 0) > 0)
