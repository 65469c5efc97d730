"""States of recurrent layers as engines keep them: dtypes and pages that vLLM's sources and start-up logs tell of."""

from __future__ import annotations

from typing import Any

import pytest

from planner.memory.cache import state_bytes
from planner.memory.engines.states import Widths, held, pages_per_request, widths
from planner.memory.pages import Paging, pages
from planner.model import read

GIB = 1 << 30
QWEN_3_5_9B = {
    "model_type": "qwen3_5_text", "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 32,
    "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 248320,
    "full_attention_interval": 4, "linear_num_value_heads": 32, "linear_num_key_heads": 16, "linear_key_head_dim": 128,
    "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "mamba_ssm_dtype": "float32",
}  # fmt: skip
QWEN_3_NEXT = {
    "model_type": "qwen3_next", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 16,
    "num_key_value_heads": 2, "head_dim": 256, "vocab_size": 151936, "linear_num_value_heads": 32,
    "linear_num_key_heads": 16, "linear_key_head_dim": 128, "linear_value_head_dim": 128,
}  # fmt: skip
NEMOTRON = {
    "model_type": "nemotron_h", "hidden_size": 2688, "num_hidden_layers": 4, "hybrid_override_pattern": "ME*E",
    "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 131072, "mamba_num_heads": 64,
    "mamba_head_dim": 64, "ssm_state_size": 128, "n_groups": 8, "conv_kernel": 4, "intermediate_size": 1856,
    "n_routed_experts": 128, "num_experts_per_tok": 6, "moe_intermediate_size": 1856,
    "mamba_ssm_cache_dtype": "float32",
}  # fmt: skip
LLAMA = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 2,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
}  # fmt: skip


def test_what_has_no_states_is_left_alone() -> None:
    llama = read(LLAMA)
    assert held(llama, "vllm", None, {"mamba_ssm_cache_dtype": "float32"}) is llama


@pytest.mark.parametrize("engine", [None, "transformers", "tgi"])
def test_who_says_nothing_of_states_keeps_them_in_the_models_dtype(engine: str | None) -> None:
    qwen = read(QWEN_3_5_9B)
    assert held(qwen, engine, None, {}) is qwen


# vllm/model_executor/layers/mamba/mamba_utils.py and models/config.py of the versions.
@pytest.mark.parametrize(
    ("config", "version", "options", "expected"),
    [
        pytest.param(QWEN_3_5_9B, None, {}, Widths(None, 4), id="the config of Qwen3.5 is followed"),
        pytest.param(QWEN_3_5_9B, (0, 17), {}, Widths(None, 4), id="from 0.17 on"),
        pytest.param(QWEN_3_5_9B, (0, 16), {}, Widths(), id="not before"),
        pytest.param(QWEN_3_5_9B, None, {"mamba_ssm_cache_dtype": "auto"}, Widths(None, 4), id="auto is no dtype"),
        pytest.param(QWEN_3_5_9B, None, {"mamba_ssm_cache_dtype": "bfloat16"}, Widths(None, 2), id="options win"),
        pytest.param(QWEN_3_NEXT, None, {}, Widths(), id="nothing says float32 of Qwen3-Next"),
        pytest.param(QWEN_3_NEXT, None, {"mamba_cache_dtype": "float32"}, Widths(4, 4), id="one option for both"),
        pytest.param(NEMOTRON, (0, 19), {}, Widths(None, 4), id="the config of Nemotron is followed"),
        pytest.param(NEMOTRON, (0, 12), {}, Widths(), id="from 0.13 on"),
    ],
)
def test_vllm(
    config: dict[str, Any], version: tuple[int, ...] | None, options: dict[str, object], expected: Widths
) -> None:
    assert widths(read(config), "vllm", version, options) == expected


def test_others_keep_float32_unless_told() -> None:
    qwen = read(QWEN_3_NEXT)
    assert widths(qwen, "sglang", None, {}) == Widths(2, 4)
    assert widths(qwen, "sglang", None, {"mamba_ssm_dtype": "bfloat16"}) == Widths(2, 2)
    assert widths(qwen, "llama.cpp", None, {}) == Widths(4, 4)


def test_each_kind_of_state_has_its_own_width() -> None:
    """24 layers of 3 × 8,192 columns in 16 bit and of 32 × 128 × 128 elements in float32."""
    assert state_bytes(held(read(QWEN_3_5_9B), "vllm", None, {}), 2) == 24 * (3 * 8192 * 2 + 32 * 128 * 128 * 4)


def test_pages_are_those_of_the_log() -> None:
    """Qwen3.5-9B on two ranks: 246,576 tokens in 15.06 GiB, 169.82 requests of 4,096 tokens."""
    architecture = held(read(QWEN_3_5_9B), "vllm", None, {})
    found = pages(architecture, 16, 2, 2, 1, Paging(by_request=False))
    assert found is not None
    assert [group.block for group in found.groups if group.block] == [528]
    assert found.tokens(int(15.06 * GIB), 4096) == 246_576
    assert 15.06 * GIB / found.request_bytes(4096) == pytest.approx(169.82, rel=0.001)


# vllm/config/model.py, is_prefix_caching_supported, and MambaModelConfig of the versions.
@pytest.mark.parametrize(
    ("config", "version", "options", "expected"),
    [
        pytest.param(LLAMA, None, {}, 1, id="no states"),
        pytest.param(QWEN_3_5_9B, (0, 25, 1), {}, 1, id="hybrids were not cached"),
        pytest.param(QWEN_3_5_9B, (0, 26), {}, 2, id="they are"),
        pytest.param(QWEN_3_5_9B, None, {"enable_prefix_caching": False}, 1, id="unless told not to be"),
        pytest.param(QWEN_3_5_9B, (0, 22), {"enable_prefix_caching": True}, 2, id="or where told to be"),
        pytest.param(NEMOTRON, (0, 28), {}, 0, id="some kept the states of every block"),
        pytest.param(NEMOTRON, (0, 29), {}, 2, id="until 0.29"),
    ],
)
def test_cached_prefixes_take_further_pages(
    config: dict[str, Any], version: tuple[int, ...] | None, options: dict[str, object], expected: int
) -> None:
    assert pages_per_request(read(config), version, options) == expected


def test_states_of_every_block_grow_with_the_context() -> None:
    found = pages(held(read(NEMOTRON), "vllm", (0, 28), {}), 16, 2, 1, 1, Paging(states=0))
    assert found is not None
    states, attention = (next(g for g in found.groups if (g.kind == "state") is which) for which in (True, False))
    assert states.block == attention.block
    assert attention.block % 256 == 0
