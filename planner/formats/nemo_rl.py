"""NeMo RL: GRPO, PPO, DPO, SFT, reward models and distillation, over DTensor (FSDP2) or Megatron.

Nearly every config builds on another (`defaults: ../../grpo_math_1B.yaml`), which is read, too. The policy is loaded
in float32 for its master weights (nemo_rl/models/automodel/setup.py); the reference model is kept in the host's memory
and vLLM sleeps while the policy is trained (nemo_rl/models/policy, nemo_rl/models/generation/vllm).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import inheritance, nemo_rl_models, training
from planner.formats.native import fields
from planner.workload import Lora, Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

POLICY = frozenset({
    "model_name", "megatron_cfg", "dtensor_cfg", "generation", "train_micro_batch_size", "train_global_batch_size",
    "max_total_sequence_length",
})  # fmt: skip
ALGORITHMS = {
    "grpo": ("rl", "grpo"), "ppo": ("rl", "ppo"), "dpo": ("preference", "dpo"), "rm": ("preference", "reward"),
    "distillation": ("finetune", "gkd"), "sft": ("finetune", None),
}  # fmt: skip
"""Section of the algorithm → the stage and the algorithm of the vocabulary."""
AROUND = frozenset({"cluster", "loss_fn", "checkpointing", "defaults"})
DTENSOR, MEGATRON = "policy.dtensor_cfg.", "policy.megatron_cfg."
PRECISIONS = {"bfloat16": "bf16-mixed", "float16": "fp16-mixed", "float32": "fp32"}
OPTIMIZERS = {"adamw": "adamw", "adam": "adamw", "sgd": "sgd", "muon": "muon", "fusedadam": "adamw"}
FIELDS = {
    "tensor_parallel": ("tensor_parallel_size", "tensor_model_parallel_size"),
    "pipeline_parallel": ("pipeline_parallel_size", "pipeline_model_parallel_size"),
    "context_parallel": ("context_parallel_size", "context_parallel_size"),
    "expert_parallel": ("expert_parallel_size", "expert_model_parallel_size"),
}
"""Field of the vocabulary → its key with DTensor and with Megatron."""


def recognise(document: Document) -> bool:
    """Whether it has a policy in the words of NeMo RL beside an algorithm, a cluster or the config it builds on."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("policy"), dict):
        return False
    if isinstance(data.get("defaults"), (str, list)) and not ALGORITHMS.keys().isdisjoint(data):
        return True
    return not POLICY.isdisjoint(data["policy"]) and not (AROUND | ALGORITHMS.keys()).isdisjoint(data)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    chain = inheritance.chain(document, context)
    settings = training.Settings(document, context, chain=chain)
    settings.say_lost(chain.lost)
    megatron = settings.flag(False, MEGATRON + "enabled")
    model = settings.named("policy.model_name")
    if model is None:
        settings.not_checked.append(NotChecked("model", _nameless(chain.lost), "", "model"))
        model = Model()
    yield settings.workload("nemo-rl", model, _training(settings, MEGATRON if megatron else DTENSOR, chain.lost))


def _nameless(lost: tuple[str, ...]) -> str:
    return f"the model is named in {lost[0]}, which is not there" if lost else "no `policy.model_name` is stated"


def _training(settings: Settings, at: str, lost: tuple[str, ...]) -> Training:
    megatron = at == MEGATRON
    stage, algorithm = _stage(settings, lost)
    adapts = settings.flag(False, at + "peft.enabled", at + "lora_cfg.enabled")
    run = Training(
        stage=stage,
        algorithm=algorithm,
        steps=settings.get(
            "training.steps", fields.count, "sft.max_num_steps", "dpo.max_num_steps", "rm.max_num_steps"
        ),
        sequence_length=settings.get("training.sequence_length", fields.context, "policy.max_total_sequence_length"),
        micro_batch_size=settings.get("training.micro_batch_size", fields.whole, "policy.train_micro_batch_size"),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "policy.train_global_batch_size"),
        method="lora" if adapts else None if lost else "full",
        lora=_lora(settings, at) if adapts else None,
        framework="megatron" if megatron else "nemo-rl",
        optimizer=_optimizer(settings, megatron),
        cross_entropy="fused" if settings.flag(False, at + "use_fused_linear_logprobs") else None,
        precision=_precision(settings, at),
        activation_checkpointing=_checkpointing(settings, at),
        sharding="zero1" if settings.flag(False, at + "optimizer.use_distributed_optimizer") else _fsdp(megatron),
        sequence_parallel=settings.get("training.sequence_parallel", fields.flag, at + "sequence_parallel"),
        packing=settings.get("training.packing", fields.flag, "policy.sequence_packing.enabled"),
        gradient_dtype=_gradients(settings, at) if megatron else None,
        offload=_offload(settings, at),
        hardware=settings.hardware(nemo_rl_models.devices(settings)),
        tensor_parallel=_ranks(settings, at, "tensor_parallel"),
        pipeline_parallel=_ranks(settings, at, "pipeline_parallel"),
        context_parallel=_ranks(settings, at, "context_parallel"),
        expert_parallel=_ranks(settings, at, "expert_parallel"),
    )
    return nemo_rl_models.beside(run, settings)


def _ranks(settings: Settings, at: str, field: str) -> int | None:
    return settings.get(f"training.{field}", fields.whole, at + FIELDS[field][at == MEGATRON])


def _stage(settings: Settings, lost: tuple[str, ...]) -> tuple[str | None, str | None]:
    """By the section of the algorithm; where that is in a file that is not there, by the file's name."""
    for key, meant in ALGORITHMS.items():
        if settings.mapping(key):
            return meant
    for name in lost:
        words = re.split(r"[^a-z]+", name.rpartition("/")[2].lower())
        for key, meant in ALGORITHMS.items():
            if key in words:
                return meant
    return None, None


def _fsdp(megatron: bool) -> str | None:
    return None if megatron else "fsdp"


def _lora(settings: Settings, at: str) -> Lora:
    inner = at + ("peft." if at == MEGATRON else "lora_cfg.")
    targets = settings.value(inner + "target_modules")
    names = tuple(name for name in targets if isinstance(name, str)) if isinstance(targets, list) else ()
    return Lora(
        rank=settings.get_or("training.lora.rank", fields.whole, 8, "NeMo RL", inner + "dim"),
        targets="all-linear" if settings.flag(True, inner + "match_all_linear") or not names else names,
        dropout=fields.number(settings.value(inner + "dropout")) or 0.0,
    )


def _optimizer(settings: Settings, megatron: bool) -> str | None:
    paths = (MEGATRON + "optimizer.optimizer",) if megatron else ("policy.optimizer.name",)
    return settings.get(
        "training.optimizer", lambda value: OPTIMIZERS.get(str(value).rpartition(".")[2].lower()), *paths
    )


def _precision(settings: Settings, at: str) -> str | None:
    if settings.flag(False, at + "fp8_cfg.enabled"):
        return settings.get("training.precision", lambda _: "fp8", at + "fp8_cfg.enabled")
    return settings.get("training.precision", lambda value: PRECISIONS.get(str(value)), "policy.precision")


def _checkpointing(settings: Settings, at: str) -> str | None:
    stated = settings.get("training.activation_checkpointing", fields.flag, at + "activation_checkpointing")
    if stated is None:
        return None
    selective = settings.word(at + "recompute_granularity") == "selective"
    return ("selective" if selective else "full") if stated else "none"


def _gradients(settings: Settings, at: str) -> str | None:
    key = at + "distributed_data_parallel_config.grad_reduce_in_fp32"
    return None if settings.value(key) is None else "float32" if settings.flag(True, key) else "bfloat16"


def _offload(settings: Settings, at: str) -> str | None:
    if settings.flag(False, at + "cpu_offload"):
        return "parameters"
    return "optimizer" if settings.flag(False, at + "optimizer.optimizer_cpu_offload") else None
