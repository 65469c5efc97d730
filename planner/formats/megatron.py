"""Megatron-LM's arguments in YAML: `--num-layers: 32` in a mapping, or the sections of `--yaml-cfg`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats import megatron_model, training
from planner.formats.native import fields
from planner.record import NamedTuple
from planner.workload import Model, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

SIZES = frozenset({"num_layers", "hidden_size", "num_attention_heads"})


class Layout(NamedTuple):
    """Where arguments stand: prefixes of those of the run, of the model and of its parallelism."""

    run: str
    model: str
    parallel: str


def spell(key: str) -> str:
    """An argument as Megatron's own code calls it."""
    return key.lstrip("-").replace("-", "_")


def layout(document: Document) -> Layout | None:
    """Where the arguments of `document` stand; None if it has none of Megatron's."""
    data = document.data
    if not isinstance(data, dict):
        return None
    arguments = data.get("MODEL_ARGS")
    if isinstance(arguments, dict) and _holds_sizes(arguments):
        return Layout("MODEL_ARGS.", "MODEL_ARGS.", "MODEL_ARGS.")
    if _holds_sizes(data):
        return Layout("", "", "")
    if isinstance(data.get("language_model"), dict) and isinstance(data.get("model_parallel"), dict):
        return Layout("", "language_model.", "model_parallel.")
    return None


def _holds_sizes(arguments: Mapping[str, object]) -> bool:
    flags = {spell(key) for key in arguments if key.startswith("--")}
    return len(flags & SIZES) > 1


def recognise(document: Document) -> bool:
    """Whether it holds arguments that make a model."""
    return layout(document) is not None


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings, at = training.Settings(document, context, spell), layout(document)
    if at is None:
        return
    run = _training(settings, at)
    yield settings.workload("megatron", _model(settings, at), run, at.run + "wandb_exp_name")


def _model(settings: Settings, at: Layout) -> Model:
    tokenizer = tuple(at.run + key for key in ("tokenizer_model", "tokenizer_type"))
    return megatron_model.read(settings, at.model, tokenizer, learned=True, name=None)


def _training(settings: Settings, at: Layout) -> Training | None:
    def count(field: str, *keys: str) -> int | None:
        return settings.get(f"training.{field}", fields.count, *keys)

    if not settings.has(at.run + "train_iters", at.run + "train_samples", at.run + "lr"):
        return None
    length = count("sequence_length", at.run + "seq_length", at.model + "max_position_embeddings")
    samples = count("tokens", at.run + "train_samples")
    return Training(
        stage=_stage(settings, at),
        tokens=samples * length if samples and length else None,
        steps=count("steps", at.run + "train_iters"),
        sequence_length=length,
        micro_batch_size=count("micro_batch_size", at.run + "micro_batch_size"),
        global_batch_size=count("global_batch_size", at.run + "global_batch_size"),
        method="full",
        framework="megatron",
        optimizer={"adam": "adamw", "sgd": "sgd-momentum", "muon": "muon"}.get(settings.word(at.run + "optimizer")),
        precision=_precision(settings, at),
        activation_checkpointing=_recompute(settings, at),
        sharding="zero1" if settings.flag(False, at.run + "use_distributed_optimizer") else None,
        tensor_parallel=count("tensor_parallel", at.parallel + "tensor_model_parallel_size"),
        pipeline_parallel=count("pipeline_parallel", at.parallel + "pipeline_model_parallel_size"),
        context_parallel=count("context_parallel", at.parallel + "context_parallel_size"),
        expert_parallel=count("expert_parallel", at.parallel + "expert_model_parallel_size"),
        hardware=settings.hardware(),
        schedule_steps=_schedule(settings, at),
    )


def _schedule(settings: Settings, at: Layout) -> int | None:
    """Steps over which the rate decays; a constant rate and one that decays at the end only (WSD) have none."""
    if settings.word(at.run + "lr_decay_style").lower() in ("constant", "wsd"):
        return None
    return settings.get("training.schedule_steps", fields.count, at.run + "lr_decay_iters")


def _precision(settings: Settings, at: Layout) -> str | None:
    if settings.has(at.run + "fp8_format", at.run + "fp8"):
        return "fp8"
    for key, named in (("bf16", "bf16-mixed"), ("fp16", "fp16-mixed")):
        if settings.flag(False, at.run + key):
            return named
    return None


def _recompute(settings: Settings, at: Layout) -> str | None:
    stated = settings.word(at.model + "recompute_granularity", at.run + "recompute_granularity")
    if settings.flag(False, at.run + "recompute_activations"):
        return "selective"
    return stated if stated in ("full", "selective") else None


def _stage(settings: Settings, at: Layout) -> str | None:
    """Pre-training where nothing is loaded but what the run saved itself; else not known to be."""
    if settings.has(at.run + "perform_rl_step", at.run + "grpo_group_size"):
        return "rl"
    if settings.has(at.run + "finetune", at.run + "sft"):
        return "finetune"
    loaded, saved = settings.value(at.run + "load"), settings.value(at.run + "save")
    if settings.has(at.run + "pretrained_checkpoint") or (loaded and loaded != saved):
        return "continued-pretrain"
    return "pretrain" if loaded or not settings.has(at.run + "load") else None
