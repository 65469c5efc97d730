"""The model that a torchtune config builds: by the builder's name, or by sizes given to a builder of a whole family."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.formats import decoder
from planner.record import NamedTuple
from planner.workload import Companion, Model, Quantization, Training

if TYPE_CHECKING:
    from planner.formats.training import Settings

REPOSITORIES = {
    "gemma": "google/gemma-{}", "gemma2": "google/gemma-2-{}",
    "llama2": "meta-llama/Llama-2-{}-hf", "llama2_reward": "meta-llama/Llama-2-{}-hf",
    "code_llama2": "codellama/CodeLlama-{}-hf",
    "llama3": "meta-llama/Meta-Llama-3-{}", "llama3_1": "meta-llama/Llama-3.1-{}",
    "llama3_2": "meta-llama/Llama-3.2-{}",
    "llama3_2_vision": "meta-llama/Llama-3.2-{}-Vision-Instruct", "llama3_3": "meta-llama/Llama-3.3-{}-Instruct",
    "mistral": "mistralai/Mistral-{}-v0.1", "mistral_reward": "mistralai/Mistral-{}-v0.1",
    "mistral_classifier": "mistralai/Mistral-{}-v0.1",
    "qwen2": "Qwen/Qwen2-{}", "qwen2_5": "Qwen/Qwen2.5-{}", "qwen3": "Qwen/Qwen3-{}",
    "smollm2": "HuggingFaceTB/SmolLM2-{}",
}  # fmt: skip
"""Family of builders → repository on the Hub with the same shape; {} is the size."""
SMALL = frozenset({"gemma", "gemma2", "llama2", "llama2_reward", "code_llama2"})
"""Families whose repositories have sizes in lower case."""
WHOLE = {
    "phi3_mini": "microsoft/Phi-3-mini-4k-instruct", "phi4_14b": "microsoft/phi-4",
    "llama4_scout_17b_16e": "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "llama4_maverick_17b_128e": "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
}  # fmt: skip
"""Builders whose names follow no pattern."""
SIZE = r"_([0-9]+(?:_[0-9]+)?[bm])((?:_base|_instruct)?)"
NF4 = Quantization("bitsandbytes", 4, None, {"bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True})
"""torchao's NF4Tensor as torchtune makes it: blocks of 64, their scales in blocks of 256 (modules/peft/lora.py)."""
GATED = frozenset({"llama2", "llama3", "llama3_1", "mistral", "qwen2"})
"""Families with the layers of Llama, whose builders take sizes."""


class Built(NamedTuple):
    """What the name of a builder says."""

    name: str | None
    """The model as the Hub calls it; None where the name tells no size."""
    family: str
    adapts: bool
    quantization: Quantization | None


def built(settings: Settings, at: str) -> Built:
    """What the component of the section `at` builds."""
    builder = str(settings.value(f"{at}._component_") or "").rpartition(".")[2]
    plain = builder.removeprefix("q").removeprefix("lora_") if builder.startswith(("lora_", "qlora_")) else builder
    adapts = plain != builder
    quantized = builder.startswith("qlora_") or settings.flag(False, f"{at}.quantize_base")
    return Built(_repository(plain), plain, adapts, NF4 if quantized and adapts else None)


def _repository(plain: str) -> str | None:
    if plain in WHOLE:
        return WHOLE[plain]
    for family in sorted(REPOSITORIES, key=len, reverse=True):
        match = re.fullmatch(SIZE, plain.removeprefix(family)) if plain.startswith(family) else None
        if match:
            return REPOSITORIES[family].format(_size(family, match[1])) + _variant(family, match[2])
    return None


def _size(family: str, size: str) -> str:
    """ "0_5b" as the Hub writes it: 0.5B, in lower case for Gemma and Llama 2."""
    size = size.replace("_", ".")
    return size if family in SMALL else size.upper()


def _variant(family: str, variant: str) -> str:
    """Qwen3's base checkpoints have a suffix on the Hub, earlier instructed ones have."""
    if family == "qwen3":
        return "-Base" if variant == "_base" else ""
    return "-Instruct" if variant == "_instruct" else ""


def sized(settings: Settings, at: str, found: Built) -> Model | None:
    """The model of a builder that is given its sizes (torchtune.models.llama2.llama2); None if it is no such one."""
    if found.family not in GATED or not settings.has(f"{at}.embed_dim"):
        return None
    hidden = settings.size("hidden_size", f"{at}.embed_dim")
    sizes = decoder.Decoder(
        hidden=hidden,
        layers=settings.size("num_hidden_layers", f"{at}.num_layers"),
        heads=settings.size("num_attention_heads", f"{at}.num_heads"),
        width=settings.size("intermediate_size", f"{at}.intermediate_dim") or _width(hidden),
        vocabulary=settings.size("vocab_size", f"{at}.vocab_size"),
        kv_heads=settings.size("num_key_value_heads", f"{at}.num_kv_heads"),
        context=settings.size("max_position_embeddings", f"{at}.max_seq_len"),
        gated=True,
        bias=False,
        qkv_bias=found.family == "qwen2",
        root_norm=True,
        tied=settings.flag(False, f"{at}.tie_word_embeddings"),
    )
    return Model(found.family, decoder.config(sizes), "inline", quantization=found.quantization)


def _width(hidden: int | None) -> int | None:
    """Two thirds of four times the hidden size, to a multiple of 256 (torchtune: scale_hidden_dim_for_mlp)."""
    return decoder.rounded_up(8 * hidden // 3, 256) if hidden else None


def beside(run: Training, settings: Settings, loss: str, adapts: bool) -> Training:
    """`run` with the models that take part in it besides the trained one (recipes/*_dpo_*, ppo_*, knowledge_*)."""
    if "DPO" in loss:
        return run._replace(algorithm="dpo", reference_model=Companion("none" if adapts else "device"))
    if "GRPO" in loss:
        own = settings.has("postprocessing.ref_checkpointer")
        return run._replace(algorithm="grpo", reference_model=Companion("elsewhere" if own else "device"))
    if settings.has("policy_model"):
        copy = Companion("device")
        return run._replace(algorithm="ppo", reference_model=copy, reward_model=copy, critic=copy)
    if settings.has("teacher_model"):
        return run._replace(algorithm="gkd", teacher_model=Companion("device", _teacher(settings)))
    return run


def _teacher(settings: Settings) -> Model | None:
    return settings.named_beside("teacher_model._component_", instead=built(settings, "teacher_model").name)
