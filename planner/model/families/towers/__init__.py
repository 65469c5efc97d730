"""Vision and audio towers by the `model_type` of their config: from keys to tensors, imported when asked for.

A module lists its types in `TOWERS`; `MODULES` says which module knows which type.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.model.config import Config
    from planner.model.stack import Tensor

    Tower = Callable[[Config, str], tuple[Tensor, ...]]

MODULES = {
    "clip": (
        "clip_vision_model siglip_vision_model siglip2_vision_model idefics3_vision smolvlm_vision "
        "phi4_multimodal_vision paddleocr_vl_vision video_llama_3_vision"
    ),
    "qwen": (
        "qwen2_vl_vision qwen2_5_vl_vision qwen3_vl_vision qwen3_vl_moe_vision qwen3_5_vision qwen3_5_moe_vision "
        "exaone4_5_vision qwen2_5_omni_vision_encoder qwen3_omni_moe_vision_encoder"
    ),
    "glm": "glm4v_vision glm4v_moe_vision glm_ocr_vision glm5_next_vision",
    "llama": "mllama_vision_model llama4_vision_model",
    "intern": "internvl_vision qianfan_ocr_vision intern_vit_6b radio",
    "plain": (
        "pixtral kimi_k25_vision kimi_k3_vision minimax_m3_vl_vision muse_glimmer_vision step3p5_vision gemma4_vision "
        "gemma4_unified_vision gemma4_unified_audio hunyuan_vl_vision"
    ),
    "audio": (
        "qwen2_audio_encoder audioflamingo3_encoder voxtral_encoder qwen2_5_omni_audio_encoder "
        "qwen3_omni_moe_audio_encoder qwen3_asr_encoder gemma4_audio gemma3n_audio phi4_multimodal_audio"
    ),
}
"""Module and the types that it knows."""

_MODULE_OF = {model_type: module for module, types in MODULES.items() for model_type in types.split()}


def find(model_type: str) -> Tower | None:
    """The reader of towers of `model_type`; None for a type that nobody here knows."""
    module = _MODULE_OF.get(model_type)
    if module is None:
        return None
    found: Tower = import_module(f"planner.model.families.towers.{module}").TOWERS[model_type]
    return found
