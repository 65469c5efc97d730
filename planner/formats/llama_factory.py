"""LLaMA-Factory: fine-tuning by stage and type. Files of the same keys that infer, export or evaluate are not runs.

Defaults are those of its arguments (src/llamafactory/hparams), what is cast to what of its model/adapter.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import launch, trainer
from planner.formats.launch import Launch
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.workload import Companion, Lora, Model, NotChecked, Origin, Problem, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

NAME = "LLaMA-Factory"
OWN = frozenset({
    "finetuning_type", "cutoff_len", "template", "stage", "overwrite_cache", "lora_target", "infer_backend",
    "export_dir", "dataset_dir", "plot_loss", "pref_loss", "quantization_bit", "pure_bf16", "max_samples",
    "adapter_name_or_path", "flash_attn", "visual_inputs", "image_max_pixels",
})  # fmt: skip
STAGES = {"pt": "continued-pretrain", "sft": "finetune", "rm": "preference", "ppo": "rl", "dpo": "preference",
          "kto": "preference"}  # fmt: skip


def recognise(document: Document) -> bool:
    """Whether a model by path or name stands beside two of LLaMA-Factory's own keys."""
    data = document.data
    return isinstance(data, dict) and "model_name_or_path" in data and len(OWN & data.keys()) >= 2


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The run that it describes; without one, what keeps it from being one."""
    settings = Settings(document, context)
    model = _model(settings)
    if not truth(settings.value("do_train")):
        settings.not_checked.append(NotChecked("training", _purpose(settings), "", "training"))
        yield settings.workload("llama-factory", model, None)
        return
    joined, lost = launch.found(settings)
    run = launch.joined(settings, _training(settings, joined), joined)
    run = trainer.partly(settings, run, "use_badam", "use_llama_pro")
    if run.method == "freeze":
        run = trainer.part(settings, run, "freeze_trainable_modules", _trained(settings))
    yield settings.workload("llama-factory", model, run)._replace(problems=(*lost, *_problems(settings, joined)))


def _purpose(settings: Settings) -> str:
    if settings.has("export_dir"):
        return "it exports a model and trains none"
    if truth(settings.value("do_predict")) or truth(settings.value("do_eval")) or settings.has("task"):
        return "it evaluates a model and trains none"
    return "it does not say `do_train: true`: it is for inference"


def _model(settings: Settings) -> Model:
    found = settings.named("model_name_or_path")
    if found is None:
        settings.not_checked.append(NotChecked("model", "no model is named", "add `model_name_or_path:`", "model"))
        return Model()
    bits = fields.whole(settings.value("quantization_bit"))
    if bits is not None:
        settings.origins["model.quantization"] = Origin("key", ("quantization_bit",))
    method = settings.word("quantization_method") or "bnb"
    return trainer.quantized(found, bits, "bitsandbytes" if method == "bnb" else method)


def _training(settings: Settings, joined: Launch | None) -> Training:
    micro, accumulation = trainer.batch(settings, NAME, 8)
    epochs, steps = trainer.duration(settings, NAME)
    method = _method(settings)
    optimizer, kernels = _optimizer(settings)
    stage = settings.word("stage") or "sft"
    scratch = stage == "pt" and truth(settings.value("train_from_scratch"))
    return Training(
        stage="pretrain" if scratch else STAGES.get(stage, "finetune"),
        epochs=epochs,
        steps=steps,
        sequence_length=settings.get_or("training.sequence_length", fields.context, 2048, NAME, "cutoff_len"),
        micro_batch_size=micro,
        gradient_accumulation=accumulation,
        method=method,
        trainable_layers=_layers(settings) if method == "freeze" else None,
        lora=_lora(settings) if method in ("lora", "qlora") else None,
        framework="unsloth" if truth(settings.value("use_unsloth")) else "llama-factory",
        optimizer=optimizer,
        optimizer_implementation=kernels,
        optimizer_rank=_projection(settings),
        optimizer_in_backward=True if _layerwise(settings) else None,
        attention=trainer.attention(settings.word("flash_attn")),
        cross_entropy="fused" if truth(settings.value("enable_liger_kernel")) else None,
        kernels="fused" if truth(settings.value("enable_liger_kernel")) else None,
        precision=_precision(settings, joined.sharding if joined else None, method in ("lora", "qlora")),
        activation_checkpointing=_checkpointing(settings),
        packing=truth(settings.value("packing", "neat_packing")) or stage == "pt",
        hardware=settings.hardware(),
        algorithm=_algorithm(settings, stage),
        reference_model=_reference(settings, stage, method),
        reward_model=_reward(settings, stage),
    )


def _method(settings: Settings) -> str:
    """full, freeze, lora, or qlora for a 4-bit base."""
    kind = settings.word("finetuning_type") or "lora"
    if kind not in ("lora", "oft"):
        return "freeze" if kind == "freeze" else "full"
    return "qlora" if fields.whole(settings.value("quantization_bit")) == 4 else "lora"


def _layers(settings: Settings) -> int | None:
    """The last layers, or the first where it is below 0 (model/adapter.py: _setup_freeze_tuning)."""
    return settings.get_or("training.trainable_layers", fields.signed, 2, NAME, "freeze_trainable_layers")


def _trained(settings: Settings) -> list[str]:
    """Modules of these layers, and others that are trained wherever they stand."""
    modules = trainer.names(settings.value("freeze_trainable_modules")) or ("all",)
    others = trainer.names(settings.value("freeze_extra_modules"))
    within = r"layers\.[0-9]+\."
    return [*(within + ("" if name == "all" else name) for name in modules), *others]


def _lora(settings: Settings) -> Lora:
    found = trainer.adapter(settings, NAME, ("lora_rank", 8), "lora_target", "all-linear", ("lora_dropout", 0.0))
    return found._replace(
        dora=truth(settings.value("use_dora")),
        modules_to_save=trainer.names(settings.value("additional_target")),
        dtype="bfloat16" if truth(settings.value("pure_bf16")) else None,
    )


def _optimizer(settings: Settings) -> tuple[str | None, str | None]:
    """Its own switches come before `optim`, whose default is transformers'."""
    eight = "8bit" in settings.word("optim")
    for key, name in (("use_galore", "galore-8bit" if eight else "galore"), ("use_apollo", "apollo")):
        if truth(settings.value(key)):
            settings.origins["training.optimizer"] = Origin("key", (key,))
            return name, None
    if truth(settings.value("use_muon")):
        settings.origins["training.optimizer"] = Origin("key", ("use_muon",))
        return "muon", None
    return trainer.optimizer(settings, "adamw_torch_fused", "transformers", "optim")


def _projection(settings: Settings) -> int | None:
    for name in ("galore", "apollo"):
        if truth(settings.value(f"use_{name}")):
            return settings.get_or("training.optimizer_rank", fields.whole, 16, NAME, f"{name}_rank")
    return None


def _layerwise(settings: Settings) -> bool:
    return truth(settings.value("galore_layerwise")) or truth(settings.value("apollo_layerwise"))


def _precision(settings: Settings, sharding: str | None, frozen: bool) -> str:
    """Weights are loaded in the precision of the arithmetic; what is trained is cast to float32, unless pure_bf16."""
    keys = ("pure_bf16", "bf16", "fp16")
    key = next((key for key in keys if truth(settings.value(key))), None)
    settings.origins["training.precision"] = (
        Origin("key", (key,)) if key else Origin("default", note=f"{NAME}'s default")
    )
    if key == "pure_bf16" or (frozen and key != "fp16") or truth(settings.value("use_badam")):
        return "bf16"
    if frozen:
        return "fp16"
    return f"{key}-mixed" if key else "fp32"


def _checkpointing(settings: Settings) -> str:
    """On, unless it is switched off: transformers' own switch counts for nothing here."""
    key = "disable_gradient_checkpointing"
    stated = settings.find(key)
    settings.origins["training.activation_checkpointing"] = (
        Origin("key", stated.path) if stated else Origin("default", note=f"{NAME}'s default: on")
    )
    if truth(settings.value(key)):
        return "none"
    unsloth = truth(settings.value("use_unsloth_gc")) or truth(settings.value("use_unsloth"))
    return "offloaded" if unsloth else "full"


def _algorithm(settings: Settings, stage: str) -> str | None:
    if stage == "dpo":
        loss = settings.word("pref_loss")
        return loss if loss in ("ipo", "orpo", "simpo") else "dpo"
    return {"kto": "kto", "rm": "reward", "ppo": "ppo"}.get(stage)


def _reference(settings: Settings, stage: str, method: str) -> Companion | None:
    """A copy of the model, unless an adapter can be switched off instead (trainer_utils.py: create_ref_model)."""
    if stage not in ("dpo", "kto", "ppo"):
        return None
    named = settings.named_beside("ref_model")
    if named is not None:
        return Companion(model=trainer.quantized(named, fields.whole(settings.value("ref_model_quantization_bit"))))
    loss = settings.word("pref_loss")
    free = stage == "dpo" and loss in ("orpo", "simpo")
    return Companion("none") if method in ("lora", "qlora") or free else Companion()


def _reward(settings: Settings, stage: str) -> Companion | None:
    """An adapter of the same base, a model of its own, or a server."""
    if stage != "ppo":
        return None
    kind = settings.word("reward_model_type") or "lora"
    if kind == "full":
        bits = fields.whole(settings.value("reward_model_quantization_bit"))
        return Companion(model=trainer.quantized(settings.named_beside("reward_model") or Model(), bits))
    return Companion("elsewhere" if kind == "api" else "none")


def _problems(settings: Settings, joined: Launch | None) -> Iterator[Problem]:
    """What LLaMA-Factory refuses (hparams/parser.py, finetuning_args.py)."""
    yield from launch.mismatches(settings, joined)
    kind = settings.word("finetuning_type") or "lora"
    if settings.has("quantization_bit") and kind not in ("lora", "oft"):
        message = f"`quantization_bit` with `finetuning_type: {kind}`: LLaMA-Factory stops"
        yield Problem("CFG011", message, ("quantization_bit",), help="`finetuning_type: lora`", on_key=True)
    if truth(settings.value("pure_bf16")) and joined and joined.sharding == "zero3":
        message = "`pure_bf16` with DeepSpeed ZeRO-3: LLaMA-Factory stops"
        yield Problem("CFG011", message, ("pure_bf16",), help="`bf16: true`", on_key=True)
    for name in ("galore", "apollo", "badam"):
        if truth(settings.value(f"use_{name}")) and kind == "lora":
            message = f"`use_{name}` with `finetuning_type: lora`: LLaMA-Factory stops"
            yield Problem("CFG011", message, (f"use_{name}",), help="`finetuning_type: full`", on_key=True)
