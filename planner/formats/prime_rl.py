"""prime-rl (Prime Intellect): reinforcement learning and fine-tuning, in TOML.

Defaults are those of prime_rl/configs/trainer.py, sft.py and rl.py. Devices that train and devices that generate are
never the same; rollouts are packed to sequences of `seq_len` tokens, one at a time on each device.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import training
from planner.formats.native import fields
from planner.workload import Companion, Lora, Model, NotChecked, Origin, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

OPTIMIZERS = {"adamw": "adamw", "sgd": "sgd-momentum", "sign_sgd": "sgd", "muon": "muon"}
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "experts")
WHOSE = "prime-rl"
AROUND = frozenset({"optim", "deployment", "ckpt", "max_steps"})


def recognise(document: Document) -> bool:
    """Whether it has an orchestrator beside what it directs, or a model's name and the batches of a fine-tuning run."""
    data = document.data
    if not isinstance(data, dict):
        return False
    if isinstance(data.get("orchestrator"), dict):
        return not {"trainer", "inference", "model"}.isdisjoint(data)
    model, batches = data.get("model"), data.get("data")
    if not isinstance(model, dict) or not isinstance(batches, dict) or not isinstance(model.get("name"), str):
        return False
    return not {"seq_len", "batch_size"}.isdisjoint(batches) and not AROUND.isdisjoint(data)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The training part of the run; what only generates has devices of its own."""
    settings = training.Settings(document, context)
    reinforced = settings.has("orchestrator")
    model = settings.named("trainer.model.name", "model.name")
    if model is None:
        settings.not_checked.append(NotChecked("model", "no model is named", "add `[model]` with its `name`", "model"))
    run = _run(settings, "trainer." if reinforced else "", reinforced)
    yield settings.workload("prime-rl", model or Model(), run, "run.name")


def _run(settings: Settings, at: str, reinforced: bool) -> Training:
    inner = f"{at}model."
    adapts = settings.has(inner + "lora")
    return Training(
        stage="rl" if reinforced else "finetune",
        algorithm="grpo" if reinforced else None,
        reference_model=Companion("none") if reinforced else None,
        steps=None if reinforced else settings.get("training.steps", fields.count, "max_steps"),
        sequence_length=_length(settings, inner, reinforced),
        micro_batch_size=_micro_batch(settings, reinforced),
        global_batch_size=_batch(settings, reinforced),
        method="lora" if adapts else "full",
        lora=_lora(settings, inner) if adapts else None,
        framework="prime-rl",
        optimizer=settings.get_or("training.optimizer", _optimizer, "adamw", WHOSE, f"{at}optim.type"),
        cross_entropy=_cross_entropy(settings, inner, reinforced),
        precision=_precision(settings, inner),
        activation_checkpointing=_checkpointing(settings, inner),
        kernels="eager" if settings.word(inner + "compile") == "none" else "fused",
        packing=True,
        context_parallel=settings.get("training.context_parallel", fields.whole, inner + "cp"),
        expert_parallel=settings.get("training.expert_parallel", fields.whole, inner + "ep"),
        reshard_after_forward=settings.get(
            "training.reshard_after_forward", fields.flag, inner + "reshard_after_forward"
        ),
        offload=_offload(settings, inner),
        hardware=settings.hardware(_devices(settings)),
    )


def _length(settings: Settings, inner: str, reinforced: bool) -> int | None:
    field = "training.sequence_length"
    if reinforced:
        return settings.get_or(field, fields.context, 2048, WHOSE, inner + "seq_len", "seq_len")
    return settings.get_or(field, fields.context, 128, WHOSE, "data.seq_len", "seq_len")


def _micro_batch(settings: Settings, reinforced: bool) -> int | None:
    if reinforced:
        settings.origins["training.micro_batch_size"] = Origin("derived", note="rollouts are packed to one sequence")
        return 1
    return settings.get_or("training.micro_batch_size", fields.whole, 1, WHOSE, "data.micro_batch_size")


def _batch(settings: Settings, reinforced: bool) -> int | None:
    """Sequences of a step; of rollouts nobody knows how many fit into one."""
    if reinforced:
        return None
    return settings.get_or("training.global_batch_size", fields.whole, 128, WHOSE, "data.batch_size")


def _lora(settings: Settings, inner: str) -> Lora:
    stated = settings.value(inner + "lora.target_modules")
    names = tuple(name for name in stated if isinstance(name, str)) if isinstance(stated, list) else ()
    return Lora(
        rank=settings.get_or("training.lora.rank", fields.whole, 16, WHOSE, inner + "lora.rank"),
        targets=names or TARGETS,
        dropout=fields.number(settings.value(inner + "lora.dropout")) or 0.0,
    )


def _optimizer(value: object) -> str | None:
    return OPTIMIZERS.get(str(value).lower())


def _cross_entropy(settings: Settings, inner: str, reinforced: bool) -> str:
    """The fused head that reinforcement learning has unless it is disabled; fine-tuning has none."""
    disabled = settings.word(inner + "fused_lm_head_token_chunk_size") == "disabled"
    return "fused" if reinforced and not disabled else "standard"


def _precision(settings: Settings, inner: str) -> str:
    if settings.has(inner + "quantization"):
        return "fp8"
    return "bf16" if settings.word(inner + "optimization_dtype") == "bfloat16" else "bf16-mixed"


def _checkpointing(settings: Settings, inner: str) -> str:
    """Full, with what is kept moved to the host; `"None"` is how TOML turns either off."""
    if settings.word(inner + "ac_offloading") != "none":
        return "offloaded"
    if settings.word(inner + "ac") == "none":
        return "none"
    return "selective" if settings.word(inner + "ac.mode") == "selective" else "full"


def _offload(settings: Settings, inner: str) -> str:
    if settings.flag(False, inner + "fsdp_cpu_offload"):
        return "parameters"
    full = settings.has(inner + "full_offload")
    return "optimizer" if full or settings.flag(True, inner + "optim_cpu_offload") else "none"


def _devices(settings: Settings) -> int | None:
    """Devices that train; `num_train_gpus` is one where it is not stated."""
    if settings.word("deployment.type") == "multi_node":
        nodes = settings.get("training.hardware.count", fields.whole, "deployment.num_train_nodes")
        each = fields.whole(settings.value("deployment.gpus_per_node")) or 8
        return nodes * each if nodes else None
    return settings.get_or("training.hardware.count", fields.whole, 1, WHOSE, "deployment.num_train_gpus")
