"""The cache in pages: what vLLM and llama.cpp print when they start, from the hyper-parameters of public models."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.memory.pages import Pages, Paging, pages
from planner.model import read

GIB = 1 << 30


def plain(layers: int, heads: int, size: int, **more: Any) -> dict[str, Any]:
    return {
        "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": layers,
        "num_attention_heads": 32, "num_key_value_heads": heads, "head_dim": size, "vocab_size": 128256, **more,
    }  # fmt: skip


LLAMA_8B = plain(32, 8, 128)
QWEN_14B = plain(48, 8, 128)
QWEN_235B = plain(94, 4, 128)
GEMMA_2_9B = {
    "model_type": "gemma2", "hidden_size": 3584, "intermediate_size": 14336, "num_hidden_layers": 42,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 256, "vocab_size": 256000, "sliding_window": 4096,
}  # fmt: skip


def gemma_3(layers: int, heads: int, size: int, hidden: int) -> dict[str, Any]:
    return {
        "model_type": "gemma3_text", "hidden_size": hidden, "intermediate_size": 4 * hidden,
        "num_hidden_layers": layers, "num_attention_heads": 2 * heads, "num_key_value_heads": heads, "head_dim": size,
        "vocab_size": 262208, "sliding_window": 1024, "sliding_window_pattern": 6,
    }  # fmt: skip


GEMMA_3_27B = gemma_3(62, 16, 128, 5376)
GEMMA_3_12B = gemma_3(48, 8, 256, 3840)
GPT_OSS_20B = {
    "model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 24,
    "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 201088, "num_local_experts": 32,
    "num_experts_per_tok": 4, "sliding_window": 128, "layer_types": ["sliding_attention", "full_attention"] * 12,
}  # fmt: skip
SCOUT = {
    "model_type": "llama4_text", "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384,
    "num_hidden_layers": 48, "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
    "num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "attention_chunk_size": 8192,
    "vocab_size": 202048,
}  # fmt: skip
DEEPSEEK_V3 = {
    "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048,
    "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128, "n_shared_experts": 1,
    "n_routed_experts": 256, "num_experts_per_tok": 8, "first_k_dense_replace": 3, "q_lora_rank": 1536,
    "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "vocab_size": 129280,
}  # fmt: skip
DEEPSEEK_V2_LITE = {
    "model_type": "deepseek_v2", "hidden_size": 2048, "intermediate_size": 10944, "moe_intermediate_size": 1408,
    "num_hidden_layers": 27, "num_attention_heads": 16, "num_key_value_heads": 16, "n_shared_experts": 2,
    "n_routed_experts": 64, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "q_lora_rank": None,
    "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "vocab_size": 102400,
}  # fmt: skip
QWEN_3_NEXT = {
    "model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 16,
    "num_key_value_heads": 2, "head_dim": 256, "vocab_size": 151936, "linear_num_value_heads": 32,
    "linear_num_key_heads": 16, "linear_key_head_dim": 128, "linear_value_head_dim": 128, "full_attention_interval": 4,
    "num_experts": 512, "num_experts_per_tok": 10, "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512,
}  # fmt: skip

BY_BLOCKS = Paging(ahead=8192, by_request=False)


def laid_out(config: dict[str, Any], ranks: int = 1, paging: Paging = BY_BLOCKS, bits: float = 16) -> Pages:
    found = pages(read(config), bits, 2, ranks, 1, paging)
    assert found is not None
    return found


# "Available KV cache memory", printed to 0.01 GiB, and "GPU KV cache size" of start-ups, of vLLM 0.19.0 where not said.
@pytest.mark.parametrize(
    ("config", "ranks", "gibibytes", "tokens"),
    [
        pytest.param(LLAMA_8B, 1, 58.11, 476_016, id="layers of one kind: Llama-3.1-8B"),
        pytest.param(QWEN_235B, 4, 16.46, 367_404, id="as many ranks as heads: Qwen3-235B-A22B (SGLang)"),
        pytest.param(DEEPSEEK_V3, 8, 41.60, 635_648, id="a latent cache on every rank: DeepSeek-R1 (0.12.0)"),
        pytest.param(GEMMA_2_9B, 1, 54.12, 168_880, id="as many sliding as full: Gemma-2-9B"),
        pytest.param(GEMMA_3_27B, 1, 19.53, 36_560, id="five sliding to one full, padded: Gemma-3-27B"),
        pytest.param(GEMMA_3_12B, 1, 47.72, 130_304, id="five sliding to one full: Gemma-3-12B"),
        pytest.param(GPT_OSS_20B, 2, 59.32, 2_591_776, id="a short window: gpt-oss-20b"),
        pytest.param(SCOUT, 4, 16.75, 365_968, id="chunked attention: Llama-4-Scout"),
    ],
)
def test_tokens_are_those_of_the_log(config: dict[str, Any], ranks: int, gibibytes: float, tokens: int) -> None:
    found = laid_out(config, ranks).tokens(int(gibibytes * GIB), 8192)
    assert found == pytest.approx(tokens, rel=0.001)


# "… GiB KV cache is needed" in refusals to start.
@pytest.mark.parametrize(("config", "context", "needed"), [(LLAMA_8B, 131_072, 16.0), (QWEN_14B, 16_384, 3.0)])
def test_what_one_request_needs_is_what_the_refusal_says(config: dict[str, Any], context: int, needed: float) -> None:
    assert laid_out(config).request_bytes(context) == needed * GIB


def test_heads_are_replicated_below_the_ranks() -> None:
    assert laid_out(QWEN_235B, 8).request_bytes(4096) == laid_out(QWEN_235B, 4).request_bytes(4096)


def test_old_versions_keep_what_has_left_the_window() -> None:
    full = laid_out(GEMMA_3_27B, paging=Paging(windows=False))
    assert full.request_bytes(131_072) == 62 * 131_072 * 2 * 16 * 128 * 2


def test_old_versions_keep_every_head_of_latent_attention() -> None:
    """DeepSeek-V2-Lite in 0.5.1 on two ranks: 63,040 tokens in 12.98 GiB, 8 heads of 256 padded dimensions each."""
    old = laid_out(DEEPSEEK_V2_LITE, 2, Paging(latent=False))
    assert old.request_bytes(16) == 27 * 8 * 2 * 256 * 2 * 16


def test_pages_of_attention_grow_to_hold_a_recurrent_state() -> None:
    """vLLM says "Setting attention block size to 544 tokens" for Qwen3-Next-80B-A3B on one rank."""
    found = laid_out(QWEN_3_NEXT)
    assert [(group.kind, group.block) for group in found.groups if group.block] == [("full", 544)]
    assert found.splits == (1, 3)


def test_requests_of_a_hybrid_count_as_the_newer_log_counts_them() -> None:
    newer = laid_out(GEMMA_3_27B, paging=BY_BLOCKS._replace(by_request=True))
    available = int(19.53 * GIB)
    assert newer.tokens(available, 8192) == int(available / newer.request_bytes(8192) * 8192)


def test_the_cache_of_llama_cpp_is_that_of_its_log() -> None:
    """Gemma-3-12B, 8,192 cells, batch 512: 8 full layers and 40 sliding ones of 1,536 cells take 992 MiB."""
    own = Paging(block=256, ahead=512, grouped=False, spread=True)
    assert laid_out(GEMMA_3_12B, paging=own).request_bytes(8192) == 992 << 20


def test_a_quantized_cache_of_llama_cpp_carries_its_scales() -> None:
    own = Paging(block=256, grouped=False, spread=True, bits=8.5)
    assert laid_out(LLAMA_8B, paging=own).request_bytes(8192) == 32 * 8192 * 2048 * 17 // 16


def test_a_pool_of_states_beside_that_of_tokens() -> None:
    """SGLang's own: of 19 GB, 9 are for states; a request takes what leaves room for its half of either pool."""
    apart = laid_out(QWEN_3_NEXT, paging=Paging(block=1, windows=False, grouped=False, aside=9 / 19))
    token, states = 12 * 2 * 2 * 256 * 2, 36 * (3 * 8192 + 32 * 128 * 128) * 2
    assert apart.tokens(19 * 10**9, 262_144) == 10 * 10**9 // token
    assert apart.request_bytes(1) == -(-states * 19 // 9)
    assert apart.request_bytes(262_144) == pytest.approx(262_144 * token * 19 / 10, rel=1e-9)


def test_a_stage_of_a_pipeline_holds_its_layers() -> None:
    found = pages(read(LLAMA_8B), 16, 2, 1, 4, BY_BLOCKS)
    assert found is not None
    assert found.request_bytes(131_072) == 4 * GIB


@pytest.mark.parametrize(
    "config", [LLAMA_8B, GEMMA_3_27B, SCOUT, QWEN_3_NEXT, DEEPSEEK_V3], ids=lambda c: c["model_type"]
)
@given(available=st.integers(0, 200 * GIB), ranks=st.sampled_from([1, 2, 4]))
def test_the_longest_context_fits_and_one_more_does_not(config: dict[str, Any], available: int, ranks: int) -> None:
    found = laid_out(config, ranks)
    longest = found.longest(available)
    assert longest == 0 or found.request_bytes(longest) <= available
    assert found.request_bytes(longest + 1) > available


@given(st.integers(1, 1 << 20), st.integers(1, 1 << 20))
def test_more_tokens_never_take_less(one: int, other: int) -> None:
    for config in (GEMMA_2_9B, SCOUT, QWEN_3_NEXT):
        found = laid_out(config)
        assert (found.request_bytes(one) <= found.request_bytes(other)) or one > other
