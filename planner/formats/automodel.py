"""NeMo Automodel: a Hugging Face model with `_target_`, a step scheduler and FSDP2.

Defaults are those of nemo_automodel/_transformers/auto_model.py, recipes/_dist_utils.py and components/_peft/lora.py:
weights are trained in the dtype in which they are loaded, over all devices of the launch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner import units
from planner.formats import automodel_model, training
from planner.formats.native import fields
from planner.workload import NotChecked, Origin, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.training import Settings
    from planner.source.document import Document

LENGTHS = (
    "packed_sequence.packed_sequence_size", "packed_sequence.pack_size", "packed_sequence.max_length",
    "dataset.seq_length", "dataset.seq_len", "dataset.max_length", "dataloader.collate_fn.max_length",
    "recipe_args.seq_length",
)  # fmt: skip
OPTIMIZERS = {
    "adam": "adamw", "adamw": "adamw", "fusedadam": "adamw", "flashadamw": "adamw", "muon": "muon", "sgd": "sgd",
    "adamw8bit": "adamw-8bit", "lion": "lion",
}  # fmt: skip


def recognise(document: Document) -> bool:
    """Whether a recipe or targets of Automodel's own stand beside its step scheduler or its launch."""
    data = document.data
    if not isinstance(data, dict) or {"step_scheduler", "dist_env", "distributed"}.isdisjoint(data):
        return False
    return "automodel" in _target(data, "model").lower() or "nemo_automodel" in _target(data, "rng") or _recipe(data)


def _target(data: dict[str, object], section: str) -> str:
    inner = data.get(section)
    return str(inner.get("_target_", "")) if isinstance(inner, dict) else ""


def _recipe(data: dict[str, object]) -> bool:
    recipe = data.get("recipe")
    return "Recipe" in (recipe if isinstance(recipe, str) else _target(data, "recipe"))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = training.Settings(document, context)
    model = automodel_model.model(settings)
    if settings.flag(False, "freeze_config.freeze_language_model"):
        because = "the language model is frozen: what is trained beside it is not known"
        settings.not_checked.append(NotChecked("training", because, "", "training"))
        yield settings.workload("nemo-automodel", model, None)
    else:
        yield settings.workload("nemo-automodel", model, _run(settings))


def _run(settings: Settings) -> Training:
    at = "distributed."
    adapts = settings.has("peft")
    quantized = settings.flag(False, "quantization.load_in_4bit", "quantization.load_in_8bit")
    run = Training(
        stage=_stage(settings),
        epochs=settings.get("training.epochs", fields.above_zero, "step_scheduler.num_epochs"),
        steps=settings.get("training.steps", fields.count, "step_scheduler.max_steps"),
        sequence_length=_length(settings),
        micro_batch_size=_micro_batch(settings),
        global_batch_size=settings.get("training.global_batch_size", fields.whole, "step_scheduler.global_batch_size"),
        method=("qlora" if quantized else "lora") if adapts else None if _freezes(settings) else "full",
        lora=automodel_model.lora(settings) if adapts else None,
        framework="nemo-automodel",
        optimizer=settings.get("training.optimizer", _optimizer, "optimizer._target_"),
        optimizer_implementation="foreach" if settings.flag(False, "optimizer.foreach") else None,
        attention=settings.get("training.attention", _attention, "model.attn_implementation", "model.backend.attn"),
        cross_entropy="fused" if "Fused" in str(settings.value("loss_fn._target_")) else None,
        precision=_precision(settings),
        activation_checkpointing=_checkpointing(settings),
        kernels=_kernels(settings),
        sharding={"fsdp2": "fsdp", "megatron_fsdp": "fsdp", "ddp": "ddp"}.get(settings.word(at + "strategy"), "fsdp"),
        packing=settings.has("packed_sequence.packed_sequence_size", "packed_sequence.pack_size"),
        tensor_parallel=settings.get("training.tensor_parallel", fields.whole, at + "tp_size"),
        pipeline_parallel=settings.get("training.pipeline_parallel", fields.whole, at + "pp_size"),
        context_parallel=settings.get("training.context_parallel", fields.whole, at + "cp_size"),
        expert_parallel=settings.get("training.expert_parallel", fields.whole, at + "ep_size"),
        sequence_parallel=settings.get("training.sequence_parallel", fields.flag, at + "sequence_parallel"),
        offload="parameters" if settings.has(at + "offload_policy") else None,
        hardware=automodel_model.hardware(settings),
    )
    return automodel_model.taught(run, settings)


def _freezes(settings: Settings) -> bool:
    """Whether a smaller part is left as it is, so that not all of the model has gradients."""
    parts = ("freeze_vision_tower", "freeze_audio_tower", "freeze_embeddings")
    target = str(settings.value("model._target_"))
    return "ImageText" in target or any(settings.flag(False, f"freeze_config.{part}") for part in parts)


def _stage(settings: Settings) -> str | None:
    """A checkpoint is tuned, and benchmarks train on made-up tokens; of other runs from a config nobody knows."""
    made_up = "Mock" in str(settings.value("dataset._target_")) or settings.has("benchmark")
    fresh = str(settings.value("model._target_")).endswith("from_config") and not settings.has("peft")
    return None if fresh and not made_up and "Megatron" in str(settings.value("dataset._target_")) else "finetune"


def _length(settings: Settings) -> int | None:
    found = next((path for path in LENGTHS if settings.has(path) and settings.value(path) != 0), None)
    if found is not None:
        return settings.get("training.sequence_length", fields.context, found)
    because = "no length of the sequences is stated, and that of the samples decides the activations"
    mend = "set `packed_sequence.packed_sequence_size: 4096`, or `dataset.seq_length`"
    settings.not_checked.append(NotChecked("training", because, mend, "training.sequence_length"))
    return None


def _micro_batch(settings: Settings) -> int | None:
    """Sequences on a device at once; a pipeline takes them apart."""
    places: tuple[str, ...] = ("step_scheduler.local_batch_size", "recipe_args.micro_batch_size")
    if (fields.whole(settings.value("distributed.pp_size")) or 1) > 1:
        places = ("distributed.pipeline.pp_microbatch_size", *places)
    return settings.get("training.micro_batch_size", fields.whole, *places)


def _optimizer(value: object) -> str | None:
    return OPTIMIZERS.get(str(value).rpartition(".")[2].lower())


def _attention(value: object) -> str | None:
    word = str(value).lower()
    return "flash" if word.startswith(("flash", "te")) else word if word in ("sdpa", "eager") else None


def _precision(settings: Settings) -> str | None:
    """float32 weights are computed with in bfloat16 (FSDP2Config.mp_policy)."""
    if settings.flag(False, "fp8.enabled") or settings.has("model.backend.te_fp8"):
        return "fp8"
    stated = settings.get("training.precision", units.dtype, "model.torch_dtype", "model.dtype")
    if stated is None and str(settings.value("model._target_")).endswith("from_config"):
        settings.origins["training.precision"] = Origin("default", note=f"{automodel_model.WHOSE}'s default")
        return "bf16"
    return {"float32": "bf16-mixed", "bfloat16": "bf16", "float16": "fp16"}.get(stated or "")


def _checkpointing(settings: Settings) -> str:
    value = settings.value("distributed.activation_checkpointing", "parallelizer.activation_checkpointing")
    if str(value).lower() == "selective":
        return "selective"
    return "full" if settings.flag(False, "distributed.activation_checkpointing") or value == "full" else "none"


def _kernels(settings: Settings) -> str | None:
    if settings.flag(False, "compile.enabled") or settings.has("model.backend.rms_norm"):
        return "fused"
    return "eager" if not settings.flag(True, "model.use_liger_kernel") else None
