"""Parameter counts of released checkpoints: recurrent, hybrid, multimodal, encoders, encoder-decoders.

Expected values are the totals that the safetensors headers of each repository on huggingface.co add up to, unless the
row says otherwise.
"""

from __future__ import annotations

import pytest

from planner.model import read
from planner.model.parameters import count

QWEN3_NEXT = {"model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 16,
              "num_key_value_heads": 2, "head_dim": 256, "num_experts": 512, "num_experts_per_tok": 10,
              "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512, "vocab_size": 151936}  # fmt: skip
GRANITE_TINY = {"model_type": "granitemoehybrid", "hidden_size": 1536, "num_hidden_layers": 40, "vocab_size": 100352,
                "num_attention_heads": 12, "num_key_value_heads": 4, "intermediate_size": 512,
                "shared_intermediate_size": 1024, "num_local_experts": 64, "num_experts_per_tok": 6,
                "mamba_n_heads": 48, "mamba_d_state": 128, "tie_word_embeddings": True,
                "layer_types": ["attention" if i in (5, 15, 25, 35) else "mamba" for i in range(40)]}  # fmt: skip
FALCON_H1 = {"model_type": "falcon_h1", "hidden_size": 1024, "num_hidden_layers": 36, "num_attention_heads": 8,
             "num_key_value_heads": 2, "head_dim": 64, "intermediate_size": 2048, "mamba_d_ssm": 1536,
             "mamba_n_heads": 24, "mamba_d_state": 128, "mamba_n_groups": 1, "vocab_size": 32784}  # fmt: skip
MINIMAX = {"model_type": "minimax_text_01", "hidden_size": 6144, "num_hidden_layers": 80, "num_attention_heads": 64,
           "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 9216, "num_local_experts": 32,
           "num_experts_per_tok": 2, "vocab_size": 200064,
           "attn_type_list": [0, 0, 0, 0, 0, 0, 0, 1] * 10}  # fmt: skip
ZAMBA2 = {"model_type": "zamba2", "hidden_size": 3584, "num_hidden_layers": 81, "num_attention_heads": 32,
          "intermediate_size": 14336, "mamba_d_state": 64, "mamba_ngroups": 2, "n_mamba_heads": 112,
          "num_mem_blocks": 2, "adapter_rank": 128,
          "layers_block_type": ["hybrid" if i in (6, *range(11, 81, 6)) else "mamba" for i in range(81)]}  # fmt: skip
NEMOTRON = {"model_type": "nemotron_h", "hidden_size": 8192, "intermediate_size": 32768, "num_attention_heads": 64,
            "num_key_value_heads": 8, "head_dim": 128, "mamba_num_heads": 256, "mamba_head_dim": 64, "n_groups": 8,
            "ssm_state_size": 256, "vocab_size": 131072,
            "hybrid_override_pattern": "M-M-M-M*-" + 9 * "M-M-M-M-M*-" + "M-M-M-M-M-"}  # fmt: skip
LFM2 = {"model_type": "lfm2", "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32,
        "num_key_value_heads": 8, "block_ff_dim": 12288, "block_multiple_of": 256, "conv_L_cache": 3,
        "full_attn_idxs": [2, 5, 8, 10, 12, 14], "vocab_size": 65536}  # fmt: skip

RECURRENT = [
    pytest.param({"model_type": "mamba", "hidden_size": 2560, "num_hidden_layers": 64, "vocab_size": 50280},
                 2_768_345_600, id="mamba-2.8b-hf, whose time-step rank is hidden / 16"),
    pytest.param({"model_type": "falcon_mamba", "hidden_size": 4096, "num_hidden_layers": 64, "vocab_size": 65024,
                  "tie_word_embeddings": False}, 7_272_665_088,
                 id="falcon-mamba-7b, whose extra norms have no weights"),
    pytest.param({"model_type": "mamba2", "hidden_size": 4096, "num_hidden_layers": 64, "num_heads": 128, "n_groups": 8,
                  "vocab_size": 32768}, 7_285_403_648, id="Mamba-Codestral-7B"),
    pytest.param({"model_type": "jamba", "num_hidden_layers": 32, "mamba_dt_rank": 256}, 51_570_323_328,
                 id="Jamba-v0.1"),
    pytest.param({"model_type": "bamba", "attn_layer_indices": [9, 18, 27], "mamba_d_state": 128, "vocab_size": 128256},
                 9_780_235_392, id="Bamba-9B"),
    pytest.param(FALCON_H1, 521_411_104, id="Falcon-H1-0.5B, attention and Mamba-2 in every layer"),
    pytest.param(GRANITE_TINY, 6_939_037_248, id="granite-4.0-h-tiny, a shared network beside the experts"),
    pytest.param(ZAMBA2, 7_356_749_648, id="Zamba2-7B, two shared blocks that count once"),
    pytest.param({"model_type": "recurrent_gemma", "intermediate_size": 15360, "num_key_value_heads": 1},
                 2_682_862_080, id="recurrentgemma-2b, intermediate size halved"),
    pytest.param(NEMOTRON, 56_324_350_464, id="Nemotron-H-56B-Base-8K, one thing in each layer"),
    pytest.param(QWEN3_NEXT, 79_674_391_296, id="Qwen3-Next-80B-A3B without its prediction layer"),
    pytest.param(MINIMAX, 456_089_655_296, id="MiniMax-Text-01, lightning attention in seven layers of eight"),
    pytest.param(LFM2, 1_170_340_608, id="LFM2-1.2B, network width cut to two thirds"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "total"), RECURRENT)
def test_recurrent_and_hybrid_checkpoints(config, total):
    assert count(read(config)).total == total


QWEN2_VL = {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
            "num_key_value_heads": 4, "vocab_size": 152064}  # fmt: skip
LLAMA_VISION = {"model_type": "mllama", "vision_config": {"image_size": 560, "supported_aspect_ratios":
                [[1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [3, 1], [4, 1]]}}  # fmt: skip
CLIP = {"hidden_size": 1024, "image_size": 336, "intermediate_size": 4096, "model_type": "clip_vision_model",
        "num_attention_heads": 16, "num_hidden_layers": 24, "patch_size": 14}  # fmt: skip

INTERN = {"model_type": "internvl_chat", "downsample_ratio": 0.5,
          "llm_config": {"model_type": "internlm2", "hidden_size": 4096, "intermediate_size": 14336, "bias": False,
                         "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
                         "vocab_size": 92553},
          "vision_config": {"model_type": "intern_vit_6b", "hidden_size": 1024, "image_size": 448, "patch_size": 14,
                            "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 24,
                            "qkv_bias": True, "qk_normalization": False, "norm_type": "layer_norm"}}  # fmt: skip

MULTIMODAL = [
    pytest.param({"model_type": "llava", "text_config": {"model_type": "llama", "vocab_size": 32064},
                  "vision_config": CLIP}, 7_063_427_072, id="llava-1.5-7b-hf"),
    pytest.param({"model_type": "qwen2_vl", **QWEN2_VL, "vision_config": {"embed_dim": 1280, "hidden_size": 3584}},
                 8_291_375_616, id="Qwen2-VL-7B-Instruct, text keys outside"),
    pytest.param({"model_type": "qwen2_5_vl", **QWEN2_VL, "vision_config": {"hidden_size": 1280,
                  "out_hidden_size": 3584, "intermediate_size": 3420}}, 8_292_166_656, id="Qwen2.5-VL-7B-Instruct"),
    pytest.param(INTERN, 8_075_365_376, id="InternVL2_5-8B under the keys of its own repository"),
    pytest.param(LLAMA_VISION, 10_670_220_835, id="Llama-3.2-11B-Vision-Instruct, eight rows beyond the vocabulary"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "total"), MULTIMODAL)
def test_multimodal_checkpoints(config, total):
    assert count(read(config)).total == total


def bart_like(kind: str, depth: int, width: int, vocab: int) -> dict:
    halves = {f"{half}_{key}": value for half in ("encoder", "decoder") for key, value in
              (("layers", depth), ("ffn_dim", 4 * width), ("attention_heads", width // 64))}  # fmt: skip
    return {"model_type": kind, "d_model": width, "vocab_size": vocab, **halves}


FLAN_XXL = {"model_type": "t5", "d_model": 4096, "d_kv": 64, "d_ff": 10240, "num_layers": 24, "num_heads": 64,
            "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}  # fmt: skip
XLMR = {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForMaskedLM"], "hidden_size": 1024,
        "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096, "vocab_size": 250002,
        "max_position_embeddings": 514, "type_vocab_size": 1}  # fmt: skip
ENCODERS = [
    pytest.param({"model_type": "bert", "architectures": ["BertModel"]}, 109_482_240,
                 id="bert-base with its pooler (Devlin et al.: 110M)"),
    pytest.param({"model_type": "bert", "architectures": ["BertForPreTraining"]}, 110_106_428,
                 id="bert-base-uncased as released"),
    pytest.param(XLMR, 560_142_482, id="xlm-roberta-large with its masked-word head"),
    pytest.param({"model_type": "modernbert"}, 149_655_232, id="ModernBERT-base"),
    pytest.param({"model_type": "t5"}, 60_506_624, id="t5-small, one embedding for both halves and the head"),
    pytest.param(FLAN_XXL, 11_135_332_352, id="flan-t5-xxl, a head of its own"),
    pytest.param(bart_like("bart", 12, 1024, 50265), 406_291_456, id="bart-large"),
    pytest.param(bart_like("mbart", 12, 1024, 250054), 610_879_488, id="mbart-large-50"),
    pytest.param(bart_like("m2m_100", 12, 1024, 256206), 615_073_792, id="nllb-200-distilled-600M, positions computed"),
    pytest.param({**bart_like("whisper", 32, 1280, 51866), "num_mel_bins": 128}, 1_543_490_560,
                 id="whisper-large-v3, no bias on keys"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "total"), ENCODERS)
def test_encoders_and_encoder_decoders(config, total):
    assert count(read(config)).total == total


def test_active_parameters_of_a_hybrid_mixture():
    """Qwen3-Next-80B-A3B: 10 of 512 experts beside the shared one."""
    parameters = count(read(QWEN3_NEXT))
    routed = 48 * 512 * 3 * 2048 * 512
    assert parameters.active == parameters.total - routed * 502 // 512


def test_multi_token_prediction_is_stored_but_not_counted():
    plain = {"model_type": "qwen3_5_text", "num_hidden_layers": 4, "hidden_size": 64, "vocab_size": 100}
    predicting = read({**plain, "mtp_num_hidden_layers": 1})
    assert count(predicting).total == count(read(plain)).total
    assert predicting.stored_only
    assert not read(plain).stored_only


FULL_LAYERS = [*range(4, 93, 4), 93]
KIMI_K3 = {
    "model_type": "kimi_k3",
    "text_config": {
        "model_type": "kimi_linear", "hidden_size": 7168, "intermediate_size": 33792, "num_hidden_layers": 93,
        "vocab_size": 163840, "num_attention_heads": 96, "q_lora_rank": 1536, "kv_lora_rank": 512, "v_head_dim": 128,
        "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "mla_use_output_gate": True, "attn_res_block_size": 12,
        "num_experts": 896, "num_experts_per_token": 16, "num_shared_experts": 2, "moe_intermediate_size": 3072,
        "routed_expert_hidden_size": 3584, "latent_moe_use_norm": True, "first_k_dense_replace": 1,
        "linear_attn_config": {"head_dim": 128, "num_heads": 96, "short_conv_kernel_size": 4,
                               "use_full_rank_gate": True,
                               "full_attn_layers": FULL_LAYERS,
                               "kda_layers": [layer for layer in range(1, 94) if layer not in FULL_LAYERS]},
    },
}  # fmt: skip


def test_kimi_k3_has_the_size_that_its_report_states():
    """Kimi K3 technical report, table 1: 2.78T parameters, 104.2B of them for each token beside the input embedding."""
    parameters = count(read(KIMI_K3))
    assert round(parameters.total / 1e10) == 278
    assert round((parameters.active - 163840 * 7168) / 1e8) == 1042
