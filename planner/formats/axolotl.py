"""Axolotl: fine-tuning of a model from the Hub, in full or with an adapter, on DeepSpeed or FSDP.

Defaults are those of its schemas (src/axolotl/utils/schemas), what is loaded how of its loaders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from planner.formats import launch, trainer
from planner.formats.launch import Launch
from planner.formats.native import fields
from planner.formats.trainer import truth
from planner.formats.training import Settings
from planner.workload import Companion, Lora, Model, NotChecked, Origin, Problem, Rollout, Training, Workload

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

NAME = "Axolotl"
OWN = frozenset({
    "sequence_len", "micro_batch_size", "datasets", "adapter", "lora_r", "num_epochs", "dataset_prepared_path",
    "val_set_size", "sample_packing", "lora_target_linear", "pretraining_dataset", "special_tokens", "output_dir",
    "gradient_accumulation_steps", "learning_rate", "lr_scheduler", "flash_attention", "rl", "test_datasets",
})  # fmt: skip
PREFERENCE = ("dpo", "ipo", "kto", "orpo", "simpo")
REINFORCED = {"grpo": "grpo", "gdpo": "grpo", "ebft": "reinforce"}
OLD_ATTENTION = {
    "xformers_attention": "xformers", "sage_attention": "sage", "flex_attention": "flex_attention",
    "flash_attention": "flash_attention_2", "sdp_attention": "sdpa", "eager_attention": "eager",
}  # fmt: skip
"""Switches of former days, in the order in which they count (enums.py)."""


def recognise(document: Document) -> bool:
    """Whether it has Axolotl's `base_model` beside four more of its keys; two with `sequence_len`, its own."""
    data = document.data
    if not isinstance(data, dict) or "base_model" not in data:
        return False
    return len(OWN & data.keys()) >= (2 if "sequence_len" in data else 4)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one run that it describes."""
    settings = Settings(document, context)
    spread, lost = launch.found(settings)
    run = launch.joined(settings, _training(settings, spread), spread)
    run = trainer.partly(settings, run, "lisa_n_layers", "spectrum_top_fraction")
    if settings.has("unfrozen_parameters") and run.method == "full":
        run = trainer.part(settings, run, "unfrozen_parameters", _unfrozen(settings))
    yield settings.workload("axolotl", _model(settings), run)._replace(problems=(*lost, *_problems(settings)))


def _unfrozen(settings: Settings) -> list[str]:
    """Expressions in which a dot is a dot, without the range of rows behind them (utils/freeze.py)."""
    value = settings.value("unfrozen_parameters")
    given = value if isinstance(value, list) else [value]
    return [re.sub(r"\[\d*:\d*\]$", "", str(each)).replace("\\.", ".").replace(".", "\\.") for each in given]


def _model(settings: Settings) -> Model:
    found = settings.named("base_model")
    if found is None:
        settings.not_checked.append(NotChecked("model", "no model is named", "add `base_model:`", "model"))
        return Model()
    return trainer.quantized(found, _bits(settings))


def _bits(settings: Settings) -> int | None:
    """Only `qlora` quantizes to 4 bit, only `lora` to 8 (loaders/model.py)."""
    bits, adapter = trainer.loaded_bits(settings), settings.word("adapter")
    return bits if (bits, adapter) in ((4, "qlora"), (8, "lora")) else None


def _training(settings: Settings, spread: Launch | None) -> Training:
    optimizer, kernels = trainer.optimizer(settings, "adamw_torch_fused", NAME, "optimizer")
    adapter = settings.word("adapter")
    method = adapter if adapter in ("lora", "qlora") else "full"
    sharding = spread.sharding if spread else None
    stage, algorithm = _stage(settings)
    return Training(
        stage=stage,
        epochs=settings.get_or("training.epochs", fields.above_zero, 1.0, NAME, "num_epochs"),
        steps=settings.get("training.steps", fields.count, "max_steps"),
        sequence_length=settings.get_or("training.sequence_length", fields.context, 512, NAME, "sequence_len"),
        micro_batch_size=settings.get_or("training.micro_batch_size", fields.whole, 1, NAME, "micro_batch_size"),
        gradient_accumulation=_accumulation(settings),
        method=method,
        lora=_lora(settings) if method != "full" else None,
        framework="axolotl",
        optimizer=optimizer,
        optimizer_implementation=kernels,
        attention=_attention(settings),
        cross_entropy=_cross_entropy(settings, algorithm, sharding),
        completion_length=fields.context(settings.value("trl.max_completion_length")) if algorithm == "grpo" else None,
        precision=_precision(settings, sharding, method != "full"),
        activation_checkpointing=_checkpointing(settings),
        tensor_parallel=settings.get("training.tensor_parallel", fields.whole, "tensor_parallel_size"),
        context_parallel=settings.get(
            "training.context_parallel", fields.whole, "context_parallel_size", "sequence_parallel_degree"
        ),
        expert_parallel=settings.get("training.expert_parallel", fields.whole, "expert_parallel_size"),
        shard_degree=settings.get("training.shard_degree", fields.whole, "dp_shard_size"),
        quantized_experts=True if truth(settings.value("quantize_moe_experts")) else None,
        packing=settings.flag(False, "sample_packing"),
        kernels="fused" if _fused(settings) else None,
        hardware=settings.hardware(_devices(settings)),
        algorithm=algorithm,
        reference_model=_reference(settings, algorithm),
        rollout=_rollout(settings, algorithm),
    )


def _devices(settings: Settings) -> int | None:
    """As many as all kinds of parallelism together take, where the degree of sharding is stated."""
    keys = (
        "dp_shard_size", "dp_replicate_size", "tensor_parallel_size", "context_parallel_size", "expert_parallel_size",
    )  # fmt: skip
    if not settings.has("dp_shard_size"):
        return None
    settings.origins["training.hardware.count"] = Origin("derived", ("dp_shard_size",), note=" × ".join(keys))
    return prod(fields.whole(settings.value(key)) or 1 for key in keys)


def _accumulation(settings: Settings) -> int | None:
    """As stated, else by the batch of one device that `batch_size` gives."""
    whole, micro = fields.whole(settings.value("batch_size")), fields.whole(settings.value("micro_batch_size"))
    if not settings.has("gradient_accumulation_steps") and whole and micro:
        return settings.get("training.gradient_accumulation", lambda _: max(1, whole // micro), "batch_size")
    return settings.get_or(
        "training.gradient_accumulation", fields.whole, 1, NAME, "gradient_accumulation_steps"
    )  # fmt: skip


def _lora(settings: Settings) -> Lora:
    every = truth(settings.value("lora_target_linear"))
    found = trainer.adapter(
        settings, NAME, ("lora_r", None), "lora_target_modules", "all-linear", ("lora_dropout", 0.0)
    )
    return found._replace(
        targets="all-linear" if every else found.targets,
        dora=truth(settings.value("peft_use_dora")),
        modules_to_save=trainer.names(settings.value("lora_modules_to_save")),
        dtype="bfloat16" if settings.value("peft_autocast_adapter_dtype") is False else None,
    )


def _stage(settings: Settings) -> tuple[str, str | None]:
    """(stage, algorithm). New weights in a known architecture are pre-training; a stream of text continues it."""
    rl = settings.word("rl")
    if rl in PREFERENCE:
        return "preference", rl
    if rl in REINFORCED:
        return "rl", REINFORCED[rl]
    for key, algorithm in (("reward_model", "reward"), ("process_reward_model", "process-reward")):
        if truth(settings.value(key)):
            return "preference", algorithm
    if truth(settings.value("reinit_weights")):
        return "pretrain", None
    return ("continued-pretrain" if settings.has("pretraining_dataset") else "finetune"), None


def _reference(settings: Settings, algorithm: str | None) -> Companion | None:
    """An adapter is switched off to have the reference; KL that weighs nothing needs none."""
    if algorithm is None or not settings.has("adapter"):
        return Companion("none") if algorithm == "grpo" and not settings.has("trl.beta") else None
    return Companion("none")


def _rollout(settings: Settings, algorithm: str | None) -> Rollout | None:
    """vLLM on the same devices, unless it is a server."""
    if algorithm != "grpo" or not truth(settings.value("trl.use_vllm")):
        return None
    if settings.word("trl.vllm_mode") == "server" or settings.has("trl.vllm_server_base_url"):
        return None
    share = settings.get(
        "training.rollout", fields.share, "trl.vllm_gpu_memory_utilization", "vllm.gpu_memory_utilization"
    )
    return Rollout("vllm", share)


def _attention(settings: Settings) -> str | None:
    word = settings.word("attn_implementation")
    if word:
        settings.origins["training.attention"] = Origin("key", ("attn_implementation",))
        return trainer.attention(word)
    for key, implementation in OLD_ATTENTION.items():
        if truth(settings.value(key)):
            settings.origins["training.attention"] = Origin("key", (key,))
            return trainer.attention(implementation)
    return None


def _plugged(settings: Settings, name: str) -> bool:
    plugins = settings.value("plugins")
    return isinstance(plugins, list) and any(name in str(plugin).lower() for plugin in plugins)


def _cross_entropy(settings: Settings, algorithm: str | None, sharding: str | None) -> str | None:
    """Fused with the projection by Liger or by Cut Cross Entropy, whose plugin switches it on by itself; else TRL's."""
    cut = settings.value("cut_cross_entropy")
    if truth(cut) or (_plugged(settings, "cut_cross_entropy") and cut is not False):
        return "fused"
    if truth(settings.value("liger_fused_linear_cross_entropy")):
        return "fused"
    if truth(settings.value("chunked_cross_entropy")):
        return "chunked"
    pure = settings.word("bf16") == "full" or truth(settings.value("bfloat16")) or truth(settings.value("float16"))
    return trainer.selective(algorithm, not pure, sharding)


def _fused(settings: Settings) -> bool:
    liger = all(
        truth(settings.value(key)) or truth(settings.value(other))
        for key, other in (("liger_rms_norm", "liger_rms_norm"), ("liger_glu_activation", "liger_swiglu"))
    )
    return liger or truth(settings.value("torch_compile"))


def _precision(settings: Settings, sharding: str | None, frozen: bool) -> str:
    """Weights are loaded in the precision of the arithmetic; bf16 is `auto`: where the device has it."""
    stated = settings.find("bf16", "bfloat16", "fp16", "float16")
    at = Origin("key", stated.path) if stated else Origin("default", note=f"{NAME}'s default: bf16 auto")
    settings.origins["training.precision"] = at
    if truth(settings.value("fp8")):
        return "fp8"
    half = settings.value("bf16")
    if truth(half) or half == "full":
        return trainer.precision("bf16", "bf16" if half != "full" else None, sharding, frozen)
    if truth(settings.value("bfloat16")):
        return trainer.precision("bf16", None, sharding, frozen)
    if truth(settings.value("fp16")):
        return trainer.precision("fp16", "fp16", sharding, frozen)
    if truth(settings.value("float16")):
        return "fp16"
    if half not in (None, "auto"):
        return "fp32"
    word = _automatic(settings)
    return trainer.precision(word, word, sharding, frozen)


def _automatic(settings: Settings) -> str:
    """bf16 where the device computes in it, else fp16 (utils/config: resolve_dtype)."""
    hardware = settings.hardware()
    return "fp16" if hardware and hardware.dtypes is not None and "bf16" not in hardware.dtypes else "bf16"


def _checkpointing(settings: Settings) -> str:
    if "gradient_checkpointing" not in settings.document.data:
        settings.origins["training.activation_checkpointing"] = Origin("default", note=f"{NAME}'s default: none")
    found = settings.get("training.activation_checkpointing", trainer.checkpointing, "gradient_checkpointing")
    if settings.has("activation_offloading") and settings.value("activation_offloading") is not False:
        return "offloaded" if found not in (None, "none") else "none"
    if found == "full" and settings.has("selective_checkpointing"):
        return "selective"
    return found or "none"


def _problems(settings: Settings) -> Iterator[Problem]:
    """What Axolotl refuses (schemas/validation.py, peft.py)."""
    bits, adapter = trainer.loaded_bits(settings), settings.word("adapter")
    if settings.has("deepspeed") and launch.fsdp(settings):
        yield Problem("CFG011", "`deepspeed` and FSDP are both asked for: Axolotl stops", ("deepspeed",), on_key=True)
    if bits and not adapter:
        message = f"`load_in_{bits}bit` without an adapter: Axolotl does not train quantized weights and stops"
        yield Problem("CFG011", message, (f"load_in_{bits}bit",), help="`adapter: qlora`, or leave it out", on_key=True)
    if adapter == "qlora" and bits != 4:
        found = "`load_in_8bit`" if bits else "no `load_in_4bit: true`"
        yield Problem(
            "CFG011", f"`adapter: qlora` with {found}: Axolotl stops", ("adapter",), help="`load_in_4bit: true`"
        )
    if adapter == "lora" and bits == 4:
        message = "`load_in_4bit` has no effect with `adapter: lora`: the base is loaded in 16 bit"
        yield Problem("CFG012", message, ("load_in_4bit",), help="`adapter: qlora` quantizes it", on_key=True)
