"""Families of models: for each `model_type` a function from `Config` to `Architecture`, imported when it is asked for.

A module holds one kin and lists its types in `FAMILIES`; `MODULES` says which module knows which type.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.model.config import Config
    from planner.model.stack import Architecture

    Family = Callable[[Config], Architecture]

MODULES = {
    "code": "stablelm stablelm_epoch starcoder2 persimmon",
    "phi": "phi phi-msft mixformer-sequential phi3 phi3small phimoe",
    "olmo": "olmo olmo2 olmo3 olmoe flex_olmo hf_olmo",
    "cohere": "cohere cohere2 cohere_compass_text cohere2_moe",
    "classic": "opt falcon RefinedWeb RefinedWebModel mpt dbrx cpmant",
    "gpt": (
        "gpt2 gpt-sw3 gpt_bigcode openai-gpt gpt_neo gpt_neox gpt_neox_japanese gptj codegen bloom ctrl "
        "xglm biogpt"
    ),
    "gemma_matformer": "gemma3n_text gemma4_text gemma4_unified_text",
    "gemma": "gemma gemma2 gemma3_text vaultgemma",
    "qwen": "qwen qwen2 qwen2_moe qwen3 qwen3_moe",
    "variants": "arcee nemotron jais2 nanochat apertus bitnet exaone4 hunyuan_v1_dense diffllama doge hrm_text",
    "llama": (
        "llama granite iquestcoder yi aquila xverse code_llama mistral ministral ministral3 cwm smollm3 "
        "helium seed_oss internlm3 hyperclovax granite_swa"
    ),
    "mamba": "mamba falcon_mamba mamba2",
    "jamba": "jamba",
    "bamba": "bamba falcon_h1 granitemoehybrid",
    "nemotron_h": "nemotron_h",
    "zamba": "zamba zamba2",
    "recurrent": "rwkv xlstm recurrent_gemma",
    "qwen_next": "qwen3_next qwen3_5_text qwen3_5_moe_text olmo_hybrid",
    "kimi_linear": "kimi_linear bailing_hybrid glm5_next_text",
    "lfm": "lfm2 lfm2_moe lfm3",
    "minimax": "minimax minimax_text_01",
    "zaya": "zaya",
    "beam": "beam",
}
"""Module and the types that it knows."""

_MODULE_OF = {model_type: module for module, types in MODULES.items() for model_type in types.split()}


def find(model_type: str) -> Family | None:
    """The reader of `model_type`; None for a type that nobody here knows."""
    module = _MODULE_OF.get(model_type)
    if module is None:
        return None
    found: Family = import_module(f"planner.model.families.{module}").FAMILIES[model_type]
    return found
