"""torchtitan's TOML of before 2026: a model by name and flavor, `[training]`, `[parallelism]`.

Defaults are those of torchtitan/config/job_config.py, what is wrapped how of its distributed/fsdp.py. The number of
devices is that of `torchrun`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import training
from planner.formats.native import fields
from planner.workload import Model, NotChecked, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

NAMES = {
    ("llama3", "8b"): "meta-llama/Llama-3.1-8B", ("llama3", "70b"): "meta-llama/Llama-3.1-70B",
    ("llama3", "405b"): "meta-llama/Llama-3.1-405B",
    ("llama4", "17bx16e"): "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    ("llama4", "17bx128e"): "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
    ("deepseek_v3", "16b"): "deepseek-ai/DeepSeek-V2-Lite", ("deepseek_v3", "236b"): "deepseek-ai/DeepSeek-V2",
    ("deepseek_v3", "671b"): "deepseek-ai/DeepSeek-V3",
}  # fmt: skip
"""Name and flavor (torchtitan/models/*/__init__.py) → the model on the Hub with the same shape."""
QWEN = r"([0-9.]+b(?:-a[0-9]+b)?)"
WHOSE = "torchtitan"


def recognise(document: Document) -> bool:
    """Whether it has a model with a flavor beside the section of the run."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("training"), dict):
        return False
    model = data.get("model")
    return isinstance(model, dict) and {"name", "flavor"} <= model.keys() and "optimizer" in data


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    yield settings.workload("torchtitan", _model(settings), _run(settings), "job.description")


def _model(settings: Settings) -> Model:
    found = settings.named("hf_transformers.model")
    if found is not None:
        return found
    name, flavor = settings.word("model.name"), settings.word("model.flavor")
    known = NAMES.get((name, flavor))
    if name == "qwen3" and re.fullmatch(QWEN, flavor):
        known = f"Qwen/Qwen3-{flavor}"
    if known is None:
        because = f"the flavor {flavor} of {name} is not known"
        settings.not_checked.append(NotChecked("model", because, "", "model"))
        return Model(f"{name} {flavor}".strip() or None)
    return settings.named("model.flavor", instead=known) or Model(known)


def _run(settings: Settings) -> Training:
    at, parallel = "training.", "parallelism."
    return Training(
        stage=_stage(settings),
        steps=settings.get_or("training.steps", fields.count, 10_000, WHOSE, at + "steps"),
        sequence_length=settings.get_or("training.sequence_length", fields.context, 2048, WHOSE, at + "seq_len"),
        micro_batch_size=_micro_batch(settings),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, at + "global_batch_size"),
        method="full",
        framework="torchtitan",
        optimizer=settings.get("training.optimizer", _optimizer, "optimizer.name"),
        optimizer_implementation="foreach" if settings.word("optimizer.implementation") == "foreach" else "fused",
        precision=_precision(settings),
        activation_checkpointing=settings.get("training.activation_checkpointing", _mode, "activation_checkpoint.mode"),
        kernels="fused" if _compiles(settings) else None,
        offload="parameters" if settings.flag(False, at + "enable_cpu_offload") else None,
        tensor_parallel=_ranks(settings, "tensor_parallel", parallel + "tensor_parallel_degree"),
        pipeline_parallel=_ranks(settings, "pipeline_parallel", parallel + "pipeline_parallel_degree"),
        context_parallel=_ranks(settings, "context_parallel", parallel + "context_parallel_degree"),
        expert_parallel=_ranks(settings, "expert_parallel", parallel + "expert_parallel_degree"),
        shard_embeddings=True,
        shard_degree=_ranks(settings, "shard_degree", parallel + "data_parallel_shard_degree"),
        hardware=settings.hardware(),
    )


def _stage(settings: Settings) -> str | None:
    """Continued where weights are loaded; the project's configs have few steps, which is no evidence of training."""
    starts = ("checkpoint.initial_load_path", "checkpoint.initial_load_in_hf")
    return "continued-pretrain" if settings.has(*starts) else None


def _micro_batch(settings: Settings) -> int | None:
    places = ("training.local_batch_size", "training.batch_size")
    return settings.get_or("training.micro_batch_size", fields.whole, 8, WHOSE, *places)


def _ranks(settings: Settings, field: str, path: str) -> int | None:
    """A degree; -1 is what the others leave."""
    return settings.get(f"training.{field}", fields.whole, path)


def _optimizer(value: object) -> str | None:
    return {"adamw": "adamw", "adam": "adam"}.get(str(value).lower())


def _mode(value: object) -> str | None:
    mode = str(value).lower()
    return mode if mode in ("none", "selective", "full") else None


def _precision(settings: Settings) -> str | None:
    stated = settings.word("training.dtype")
    if stated == "bfloat16":
        return "bf16"
    return "fp32" if settings.word("training.mixed_precision_param") == "float32" else "bf16-mixed"


def _compiles(settings: Settings) -> bool:
    parts = settings.value("compile.components")
    whole = not isinstance(parts, list) or "model" in parts
    return whole and settings.flag(False, "compile.enable", "training.compile")
