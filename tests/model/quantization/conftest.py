"""Real models by the keys of their published config.json."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from planner.memory.weights import Weights, weights
from planner.model import read
from planner.model.quantization import resolve
from planner.model.stack import Architecture
from planner.workload import Quantization

LLAMA = {"model_type": "llama", "tie_word_embeddings": False}
CONFIGS: dict[str, dict[str, object]] = {
    "llama-2-7b": {**LLAMA, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
                   "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000},
    "llama-3.1-8b": {**LLAMA, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
                     "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256},
    "qwen3-30b-a3b": {"model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "head_dim": 128,
                      "num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4, "num_experts": 128,
                      "num_experts_per_tok": 8, "moe_intermediate_size": 768, "decoder_sparse_step": 1,
                      "mlp_only_layers": [], "vocab_size": 151936, "tie_word_embeddings": False},
    "mixtral-8x7b": {"model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
                     "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 8,
                     "num_experts_per_tok": 2, "vocab_size": 32000, "tie_word_embeddings": False},
    "gpt-oss-20b": {"model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64,
                    "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8,
                    "num_local_experts": 32, "num_experts_per_tok": 4, "vocab_size": 201088, "attention_bias": True,
                    "tie_word_embeddings": False, "sliding_window": 128},
    "qwen2.5-7b": {"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
                   "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064,
                   "tie_word_embeddings": False},
    "deepseek-v3": {"model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432,
                    "moe_intermediate_size": 2048, "num_hidden_layers": 61, "first_k_dense_replace": 3,
                    "num_attention_heads": 128, "num_key_value_heads": 128, "n_routed_experts": 256,
                    "n_shared_experts": 1, "num_experts_per_tok": 8, "q_lora_rank": 1536, "kv_lora_rank": 512,
                    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280,
                    "num_nextn_predict_layers": 1, "tie_word_embeddings": False},
}  # fmt: skip
CONFIGS["gpt-oss-120b"] = {**CONFIGS["gpt-oss-20b"], "num_hidden_layers": 36, "num_local_experts": 128}
CONFIGS["qwen2.5-7b-tied"] = {**CONFIGS["qwen2.5-7b"], "tie_word_embeddings": True}

Weigh = Callable[..., Weights]


@pytest.fixture(scope="session")
def models() -> Mapping[str, Architecture]:
    return {name: read(config) for name, config in CONFIGS.items()}


@pytest.fixture(scope="session")
def weigh(models: Mapping[str, Architecture]) -> Weigh:
    """Weights of a model by name, quantized as a section or as a checkpoint's config says."""

    def found(
        name: str,
        method: str | None = None,
        config: Mapping[str, object] | None = None,
        *,
        dtype: str = "bfloat16",
        stored: bool = False,
        **options: object,
    ) -> Weights:
        section = None if method is None else Quantization(method, options=options)
        scheme, reason = resolve(section, config)
        assert not reason, reason
        return weights(models[name], dtype, scheme, stored)

    return found
