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
    "bamba": "bamba falcon_h1 granitemoehybrid",
    "bart": "bart plbart mvp mbart marian blenderbot-small pegasus blenderbot m2m_100 whisper",
    "beam": "beam muse_glimmer_text",
    "bert": "bert roberta xlm-roberta camembert ernie data2vec-text electra mpnet nomic_bert gte distilbert",
    "classic": "opt falcon RefinedWeb RefinedWebModel mpt dbrx cpmant",
    "code": "stablelm stablelm_epoch starcoder2 persimmon",
    "cohere": "cohere cohere2 cohere_compass_text cohere2_moe",
    "deepseek": (
        "deepseek deepseek_v2 deepseek_v3 kimi_k2 mistral4 glm4_moe_lite minicpm3 youtu axk1 longcat_flash sarvam_mla"
    ),
    "deepseek_v4": "deepseek_v4",
    "ernie": "ernie4_5 ernie4_5_moe",
    "exaone": "exaone exaone4 exaone_moe",
    "experts": (
        "jetmoe mixtral gpt_oss granitemoe granitemoeshared granitemoe_swa llama4_text mellum kolibri1 flint aria_text"
    ),
    "gated": "afmoe laguna step3p5 step3p5_flash muse_spark_text mimo_v2_flash",
    "gemma": "gemma gemma2 gemma3_text vaultgemma",
    "gemma_matformer": "gemma3n_text gemma4_text gemma4_unified_text",
    "glm": "glm glm4 glm4_moe chatglm dots1 solar_open sarvam_moe",
    "gpt": (
        "gpt2 gpt-sw3 gpt_bigcode openai-gpt gpt_neo gpt_neox gptneox neox gpt_neox_japanese gptj codegen bloom ctrl "
        "xglm biogpt"
    ),
    "hunyuan": "hunyuan_v1_dense hunyuan_vl_text hunyuan_v1_moe hy_v3 hy_v4 hy_v4_vl_text",
    "indexed": "deepseek_v32 glm_moe_dsa axk2 dots3_note_text",
    "inkling": "inkling_text inkling2_text inkling2_loop_text",
    "jamba": "jamba",
    "kimi_linear": "kimi_linear bailing_hybrid glm5_next_text",
    "lfm": "lfm2 lfm2_moe lfm3",
    "llama": (
        "llama granite iquestcoder yi aquila xverse code_llama mistral ministral ministral3 cwm smollm3 "
        "helium seed_oss internlm3 hyperclovax granite_swa"
    ),
    "looped": "hrm_text dory",
    "mamba": "mamba falcon_mamba mamba2",
    "minimax": "minimax minimax_text_01 minimax_m3_vl_text",
    "minimax_m": "minimax_m2 minimax_m3",
    "mistral_large4": "mistral_large4_text",
    "modernbert": "modernbert",
    "modernbert_decoder": "modernbert-decoder",
    "nemotron_h": "nemotron_h",
    "olmo": "olmo olmo2 olmo3 olmoe flex_olmo hf_olmo",
    "phi": "phi phi-msft mixformer-sequential phi3 phi3small phimoe",
    "qwen": "qwen qwen2 qwen2_moe qwen3 qwen3_moe",
    "qwen4": "qwen4_exp_text",
    "qwen_next": "qwen3_next qwen3_5_text qwen3_5_moe_text olmo_hybrid lara_mini",
    "recurrent": "rwkv xlstm recurrent_gemma",
    "remote": "baichuan internlm internlm2 minicpm orion mimo arctic bailing_moe bailing_moe_v2 jais",
    "searched": "nemotron-nas openelm",
    "t5": "t5 mt5 umt5 longt5 switch_transformers",
    "variants": "arcee nemotron jais2 nanochat apertus apertus1p5_text bitnet diffllama doge",
    "vision_text": (
        "qwen2_vl_text qwen2_5_vl_text qwen2_5_omni_text qwen3_vl_text qwen3_vl_moe_text qwen3_omni_moe_text "
        "glm4v_text glm4v_moe_text glm_ocr_text mllama_text_model paddleocr_vl_text"
    ),
    "wrappers": (
        "llava llava_next llava_next_video llava_onevision vipllava paligemma gemma3 shieldgemma2 idefics3 "
        "smolvlm internvl mistral3 lighton_ocr cohere2_vision aya_vision lfm2_vl qwen2_vl qwen2_5_vl qwen3_vl "
        "qwen3_vl_moe qwen3_5 qwen3_5_moe hyperclovax_vision_v2 glm4v glm46v glmga glm4v_moe glm_ocr "
        "glm5_next mllama llama4 gemma4 internvl_chat qianfan_ocr mistral_large4 exaone4_5 kimi_vl "
        "video_llama_3 paddleocr_vl nemotron_h_omni gemma4_unified hunyuan_vl kimi_k25 kimi_k3 minimax_m3_vl "
        "muse_glimmer step3p7 gemma3n qwen2_5_omni_thinker qwen3_omni_moe_thinker qwen2_audio qwen3_asr "
        "voxtral audioflamingo3 musicflamingo phi4_multimodal qwen2_5_omni qwen3_omni_moe"
    ),
    "zamba": "zamba zamba2",
    "zaya": "zaya",
}
"""Module and the types that it knows."""

_MODULE_OF = {model_type: module for module, types in MODULES.items() for model_type in types.split()}


def find_module(model_type: str) -> str | None:
    """The module that reads `model_type`; None for a type that nobody here knows."""
    return _MODULE_OF.get(model_type)


def find(model_type: str) -> Family | None:
    """The reader of `model_type`; None for a type that nobody here knows."""
    module = find_module(model_type)
    if module is None:
        return None
    found: Family = import_module(f"planner.model.families.{module}").FAMILIES[model_type]
    return found


def of_class(name: str) -> str | None:
    """The type whose model class is called `name` (DeepseekV4ForCausalLM: deepseek_v4); None if there is none."""
    plain = name
    for ending in ("ForCausalLM", "ForConditionalGeneration", "ForMaskedLM", "LMHeadModel", "Model"):
        plain = plain.removesuffix(ending)
    return {_squeezed(model_type): model_type for model_type in _MODULE_OF}.get(_squeezed(plain))


def _squeezed(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
