"""Which towers each multimodal type has, and how they lead into its language model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from planner.model import architecture
from planner.model.config import Config
from planner.model.defaults import record
from planner.model.families import common
from planner.model.families.towers import audio_projectors, mergers, projectors
from planner.model.families.towers.projectors import nothing
from planner.model.families.vision import Part, attach, wrapper
from planner.model.stack import Architecture


def shield_gemma(config: Config) -> Architecture:
    """ShieldGemma 2 is a Gemma 3."""
    return wrapper(config.as_type("gemma3"), WRAPPERS["gemma3"])._replace(model_type=config.model_type)


def phi4_multimodal(config: Config) -> Architecture:
    """Phi-4-multimodal: its language model's keys stand outside."""
    from planner.model.families.phi import phi3

    return attach(config, config, phi3(config), PHI4)


def voxtral(config: Config) -> Architecture:
    """Voxtral's class gives the language model sizes of its own where the config leaves them out."""
    own = (record("voxtral") or {}).get("nested")
    defaults = own.get("text_config") if isinstance(own, Mapping) else None
    stated = config.mapping("text_config")
    if isinstance(defaults, Mapping) and stated:
        config = config.with_values(text_config={**defaults, **stated})
    return wrapper(config, VOXTRAL)


def omni(config: Config) -> Architecture:
    """What speaks is left to other programs: engines load the thinker alone."""
    thinker = config.nested("thinker_config")
    if thinker is None:
        raise config.error("thinker_config", "is missing")
    note = f"{config.model_type}: talker and vocoder are not counted"
    return common.wrapped(config, architecture(thinker), (), (note,))


CLIP = Part("vision_tower", "clip_vision_model", fixed=False)
SIGLIP = Part("vision_tower", "siglip_vision_model", fixed=False)
NEWLINE = CLIP._replace(projector=projectors.llava_newline)
SHUFFLED = Part("vision_model", "idefics3_vision", mergers.shuffled)
PIXTRAL = Part("vision_tower", "pixtral", mergers.mistral, fixed=False)
SOUND = Part("audio_tower", "qwen2_audio_encoder", audio_projectors.one, key="audio_config", fixed=False)
GLM = Part("visual", "glm4v_vision")
VOXTRAL = (SOUND._replace(kind="voxtral_encoder", projector=audio_projectors.voxtral),)
PHI4 = (
    Part("embed_tokens_extend.image_embed.img_processor", "phi4_multimodal_vision", projectors.phi4_image),
    Part(
        "embed_tokens_extend.audio_embed.encoder", "phi4_multimodal_audio", audio_projectors.phi4_audio, "audio_config"
    ),
)

WRAPPERS: dict[str, tuple[Part, ...]] = {
    "llava": (CLIP._replace(projector=projectors.llava),),
    "llava_next": (NEWLINE,),
    "llava_next_video": (NEWLINE,),
    "llava_onevision": (SIGLIP._replace(projector=projectors.llava_newline),),
    "vipllava": (CLIP._replace(projector=projectors.vipllava),),
    "paligemma": (SIGLIP._replace(projector=projectors.paligemma),),
    "gemma3": (SIGLIP._replace(projector=projectors.gemma3),),
    "gemma3n": (
        Part("vision_tower", "gemma3n_vision", fixed=False),
        Part("audio_tower", "gemma3n_audio", audio_projectors.gemma3n, "audio_config"),
    ),
    "gemma4": (
        Part("vision_tower", "gemma4_vision", projectors.gemma4, optional=True),
        Part("audio_tower", "gemma4_audio", audio_projectors.gemma4_audio, "audio_config", optional=True),
    ),
    "idefics3": (SHUFFLED,),
    "smolvlm": (SHUFFLED._replace(kind="smolvlm_vision"),),
    "internvl": (Part("vision_tower", "internvl_vision", mergers.internvl, fixed=False),),
    "internvl_chat": (Part("vision_model", "intern_vit_6b", mergers.internvl),),
    "qianfan_ocr": (Part("vision_tower", "qianfan_ocr_vision", mergers.internvl),),
    "mistral3": (PIXTRAL,),
    "mistral_large4": (PIXTRAL,),
    "lighton_ocr": (PIXTRAL,),
    "cohere2_vision": (SIGLIP._replace(projector=mergers.cohere),),
    "aya_vision": (SIGLIP._replace(projector=mergers.aya),),
    "lfm2_vl": (SIGLIP._replace(kind="siglip2_vision_model", projector=mergers.lfm),),
    "qwen2_vl": (Part("visual", "qwen2_vl_vision"),),
    "qwen2_5_vl": (Part("visual", "qwen2_5_vl_vision"),),
    "qwen3_vl": (Part("visual", "qwen3_vl_vision"),),
    "qwen3_vl_moe": (Part("visual", "qwen3_vl_moe_vision"),),
    "qwen3_5": (Part("visual", "qwen3_5_vision"),),
    "qwen3_5_moe": (Part("visual", "qwen3_5_moe_vision"),),
    "qwen2_5_omni_thinker": (
        Part("visual", "qwen2_5_omni_vision_encoder"),
        SOUND._replace(kind="qwen2_5_omni_audio_encoder", projector=nothing, fixed=True),
    ),
    "qwen3_omni_moe_thinker": (
        Part("visual", "qwen3_omni_moe_vision_encoder"),
        SOUND._replace(kind="qwen3_omni_moe_audio_encoder", projector=nothing, fixed=True),
    ),
    "video_llama_3": (Part("vision_model", "video_llama_3_vision", projectors.readout),),
    "paddleocr_vl": (Part("visual", "paddleocr_vl_vision", mergers.paddle),),
    "nemotron_h_omni": (
        Part("vision_model", "radio", mergers.radio),
        SOUND._replace(kind="parakeet_encoder", projector=nothing, optional=True),
    ),
    "gemma4_unified": (
        Part("embed_vision", "gemma4_unified_vision", projectors.gemma4_patches, optional=True),
        SOUND._replace(kind="gemma4_unified_audio", projector=audio_projectors.gemma4_frames, optional=True),
    ),
    "qwen2_audio": (SOUND,),
    "qwen3_asr": (SOUND._replace(kind="qwen3_asr_encoder", projector=audio_projectors.asr),),
    "audioflamingo3": (SOUND._replace(kind="audioflamingo3_encoder", projector=audio_projectors.flamingo),),
    "musicflamingo": (SOUND._replace(kind="audioflamingo3_encoder", projector=audio_projectors.flamingo),),
    "hyperclovax_vision_v2": (Part("vision_model", "qwen2_5_vl_vision", projectors.hyperclova),),
    "glm4v": (GLM,),
    "glm46v": (GLM,),
    "glmga": (GLM,),
    "glm4v_moe": (GLM._replace(kind="glm4v_moe_vision"),),
    "glm_ocr": (GLM._replace(kind="glm_ocr_vision"),),
    "glm5_next": (GLM._replace(kind="glm5_next_vision"),),
    "mllama": (Part("vision_model", "mllama_vision_model", projectors.mllama),),
    "llama4": (Part("vision_model", "llama4_vision_model", projectors.llama4),),
    "exaone4_5": (Part("visual", "exaone4_5_vision"),),
    "kimi_vl": (Part("vision_tower", "kimi_k25_vision", mergers.kimi),),
    "kimi_k25": (Part("vision_tower", "kimi_k25_vision", mergers.kimi),),
    "kimi_k3": (Part("vision_tower", "kimi_k3_vision", mergers.kimi),),
    "minimax_m3_vl": (Part("vision_tower", "minimax_m3_vl_vision", mergers.minimax),),
    "hunyuan_vl": (Part("vit", "hunyuan_vl_vision", mergers.hunyuan),),
    "muse_glimmer": (Part("vision_tower", "muse_glimmer_vision", mergers.muse),),
    "step3p7": (Part("vision_model", "step3p5_vision", mergers.step),),
}
"""Types and their towers."""

FAMILIES: dict[str, Callable[[Config], Architecture]] = {
    **{name: partial(wrapper, parts=parts) for name, parts in WRAPPERS.items()},
    "shieldgemma2": shield_gemma,
    "phi4_multimodal": phi4_multimodal,
    "voxtral": voxtral,
    "qwen2_5_omni": omni,
    "qwen3_omni_moe": omni,
}
