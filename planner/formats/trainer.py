"""What the configs of frameworks around transformers' Trainer share: names of optimizers, kernels, bases, adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.formats.native import fields
from planner.workload import Lora, NotChecked, Origin, Quantization

if TYPE_CHECKING:
    from planner.formats.training import Settings
    from planner.workload import Model, Training

FUSED, FOREACH = "fused", "foreach"
OPTIMIZERS: dict[str, tuple[str, str | None]] = {
    "adamw_torch": ("adamw", FOREACH), "adamw_torch_fused": ("adamw", FUSED), "adamw_hf": ("adamw", FUSED),
    "adamw_apex_fused": ("adamw", FUSED), "adamw_torch_npu_fused": ("adamw", FUSED), "adamw_torch_xla": ("adamw", None),
    "adamw_anyprecision": ("adamw", FUSED), "adamw": ("adamw", None), "adam": ("adam", None),
    "optimi_adamw": ("adamw", FUSED), "adopt_adamw": ("adamw", FOREACH), "stable_adamw": ("adamw", None),
    "schedule_free_adamw": ("adamw", FOREACH), "grokadamw": ("adamw", None), "flash_adamw": ("adamw-8bit", None),
    "flash_adam": ("adam-8bit", None), "adamw_torch_4bit": ("adamw-4bit", None), "ao_adamw_4bit": ("adamw-4bit", None),
    "adamw_torch_8bit": ("adamw-8bit", None), "ao_adamw_8bit": ("adamw-8bit", None),
    "ao_adamw_fp8": ("adamw-8bit", None), "adamw_bnb_8bit": ("adamw-8bit", None), "adamw_8bit": ("adamw-8bit", None),
    "paged_adamw": ("paged-adamw", None), "paged_adamw_32bit": ("paged-adamw", None),
    "paged_adamw_8bit": ("paged-adamw-8bit", None), "lion": ("lion", None), "lion_32bit": ("lion", None),
    "lion_pytorch": ("lion", None), "lion_8bit": ("lion-8bit", None), "paged_lion_32bit": ("paged-lion", None),
    "paged_lion_8bit": ("paged-lion-8bit", None), "sgd": ("sgd", None), "adafactor": ("adafactor", None),
    "adagrad": ("adagrad", None), "rmsprop": ("rmsprop", FOREACH), "rmsprop_bnb": ("rmsprop", None),
    "rmsprop_bnb_32bit": ("rmsprop", None), "rmsprop_bnb_8bit": ("rmsprop-8bit", None), "muon": ("muon", None),
    "dist_muon": ("muon", None), "galore_adamw": ("galore", None), "galore_adamw_layerwise": ("galore", None),
    "galore_adamw_8bit": ("galore-8bit", None), "galore_adamw_8bit_layerwise": ("galore-8bit", None),
    "q_galore_adamw8bit": ("galore-8bit", None), "apollo_adamw": ("apollo", None),
    "apollo_adamw_layerwise": ("apollo", None), "apollo_adamw_mini": ("apollo-mini", None),
}  # fmt: skip
"""Optimizer and kernels by transformers' names (training_args.py: OptimizerNames) and Axolotl's own (enums.py).

torch's AdamW takes its foreach kernels on CUDA where `fused` is not asked for; transformers' own of former days
steps through the parameters one by one.
"""
EVERY = ("all", "all-linear", "all_linear")
HALVES = {"bfloat16": "bf16", "bf16": "bf16", "float16": "fp16", "fp16": "fp16", "half": "fp16"}


def batch(settings: Settings, whose: str, default: int) -> tuple[int | None, int | None]:
    """Micro-batch and accumulation by transformers' names; the `default` of the former is the framework's."""
    return (
        settings.get_or("training.micro_batch_size", fields.whole, default, whose, "per_device_train_batch_size"),
        settings.get_or("training.gradient_accumulation", fields.whole, 1, whose, "gradient_accumulation_steps"),
    )


def duration(settings: Settings, whose: str, *epochs: str) -> tuple[float | None, int | None]:
    """(epochs, steps): `max_steps` counts where it is above 0, else the epochs, 3 where none are stated."""
    steps = settings.get("training.steps", fields.count, "max_steps")
    if steps:
        return None, steps
    return settings.get_or("training.epochs", fields.above_zero, 3.0, whose, *(epochs or ("num_train_epochs",))), None


def optimizer(settings: Settings, default: str | None, whose: str, *paths: str) -> tuple[str | None, str | None]:
    """Optimizer and kernels by the name at the first of `paths`, else by the framework's `default`."""
    name = settings.get_or("training.optimizer", fields.text, default, whose, *paths)
    return OPTIMIZERS.get((name or "").lower().replace("-", "_"), (None, None))


def attention(word: str) -> str | None:
    """flash, sdpa or eager by a framework's word for it; None for one that leaves it open."""
    if word in ("eager", "disabled"):
        return "eager"
    if word in ("sdpa", "sdp"):
        return "sdpa"
    return "flash" if "flash" in word or word in ("fa2", "fa3", "flex_attention", "xformers", "sage") else None


def checkpointing(value: object) -> str | None:
    """Whether and how activations are recomputed: true; "offload" and Unsloth's keep what is left on the host."""
    if isinstance(value, str) and value.strip().lower() in ("offload", "offload_disk", "unsloth"):
        return "offloaded"
    return "full" if truth(value) else "none"


def truth(value: object) -> bool:
    """Whether a switch is on: true, "true", "yes", 1; "auto" is not, nor is anything else."""
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in ("true", "yes", "1"))


def precision(weights: str, autocast: str | None, sharding: str | None, frozen: bool) -> str:
    """How a step computes: `weights` as loaded (fp32, bf16, fp16) under mixed precision of `autocast`, or none.

    Trained 16-bit weights stay what they are under autocast; DeepSpeed keeps float32 masters of them, and accelerate
    casts them to float32 before FSDP shards them. A frozen base stays as it was loaded.
    """
    if weights == "fp32":
        return f"{autocast}-mixed" if autocast else "fp32"
    if frozen or not autocast:
        return weights
    sharded = sharding is not None and sharding.startswith(("zero", "fsdp"))
    return f"{autocast}-mixed" if sharded or weights == "fp16" else weights


def selective(algorithm: str | None, autocast: bool, sharding: str | None) -> str | None:
    """The loss of TRL's trainers that look at the logits of chosen tokens alone (utils.py: selective_log_softmax).

    Under its own autocast accelerate makes all outputs float32; DeepSpeed's engine leaves them as they are.
    """
    if algorithm not in ("dpo", "ipo", "kto", "grpo", "rloo"):
        return None
    return "selective-float32" if autocast and not (sharding or "").startswith("zero") else "selective"


def quantized(model: Model, bits: int | None, method: str = "bitsandbytes") -> Model:
    """`model` as it is quantized while it is loaded."""
    return model if bits is None else model._replace(quantization=Quantization(method, bits))


def loaded_bits(settings: Settings, prefix: str = "") -> int | None:
    """Bits to which bitsandbytes quantizes the base: the switches load_in_4bit and load_in_8bit."""
    for bits in (4, 8):
        if truth(settings.value(f"{prefix}load_in_{bits}bit")):
            settings.origins["model.quantization"] = Origin("key", (*prefix.split(".")[:-1], f"load_in_{bits}bit"))
            return bits
    return None


def targets(value: object) -> str | tuple[str, ...] | None:
    """The layers of an adapter: names in a list or between commas; every linear layer by its many names."""
    if isinstance(value, str) and any(sign in value for sign in "()[]|\\"):
        return _of_pattern(value)
    found = names(value)
    if any(name in EVERY for name in found):
        return "all-linear"
    return found or None


def _of_pattern(pattern: str) -> str | tuple[str, ...]:
    """Of a regular expression over names of modules, the layers whose names stand in it."""
    known = ("q", "k", "v", "o", "gate", "up", "down")
    plain = pattern.replace("\\", "")
    words = plain.replace("(", "|").replace(")", "|").replace(".", "|").split("|")
    found = tuple(f"{name}_proj" for name in known if name in words or f"{name}_proj" in words)
    return found or "all-linear"


def adapter(
    settings: Settings, whose: str, rank: tuple[str, int | None], layers: str, default: str | tuple[str, ...],
    dropout: tuple[str, float],
) -> Lora:  # fmt: skip
    """A low-rank adapter: (key, the framework's default) of its rank, key and default of its layers, its dropout."""
    return Lora(
        settings.get_or("training.lora", fields.whole, rank[1], whose, rank[0]),
        settings.get("training.lora.targets", targets, layers) or default,
        settings.get_or("training.lora.dropout", fields.number, dropout[1], whose, dropout[0]) or 0.0,
    )


def partly(settings: Settings, run: Training, *keys: str) -> Training:
    """`run` without its memory where one of `keys` trains some layers and freezes the rest: said, not guessed."""
    key = next((key for key in keys if settings.has(key)), None)
    if key is None:
        return run
    because = f"`{key}` trains a part of the model and freezes the rest: how large its states are is not worked out"
    settings.not_checked.append(NotChecked("training", because, "", "training"))
    return run._replace(micro_batch_size=None, hardware=None)


def part(settings: Settings, run: Training, key: str, expressions: list[str]) -> Training:
    """`run` that trains what matches one of `expressions`, which `key` says; without its memory where that is too
    much of an expression.
    """
    found = fields.expressions(expressions)
    if found is None:
        return partly(settings, run, key)
    settings.origins["training.trainable_modules"] = Origin("key", (key,))
    return run._replace(method="freeze", trainable_modules=found, lora=None)


def names(value: object) -> tuple[str, ...]:
    """Names in a list or between commas."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list):
        return ()
    return tuple(name.strip() for name in given if isinstance(name, str) and name.strip())
