"""What one sequence keeps: keys, values and states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.memory import cache
from planner.model import read
from planner.model.stack import Architecture, Cache, Layer, State


def of(*layers: Layer) -> Architecture:
    """A model of nothing but `layers`."""
    return Architecture("test", 8, 8, layers, ())


def attention(**fields: object) -> Layer:
    """A layer with one cache of 4 heads × 16 elements."""
    return Layer("full", "none", (), (Cache(4, 16)._replace(**fields),))


LLAMA2_7B = read({"model_type": "llama"})
LLAMA3_70B = read(
    {"model_type": "llama", "hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64,
     "num_key_value_heads": 8, "intermediate_size": 28672, "vocab_size": 128256}
)  # fmt: skip
LLAMA3_405B = read(
    {"model_type": "llama", "hidden_size": 16384, "num_hidden_layers": 126, "num_attention_heads": 128,
     "num_key_value_heads": 8, "intermediate_size": 53248, "vocab_size": 128256}
)  # fmt: skip
MISTRAL_7B = read({"model_type": "mistral", "sliding_window": 4096})
DEEPSEEK_V3 = read({"model_type": "deepseek_v3"})
GEMMA_3_27B = read(
    {"model_type": "gemma3_text", "num_hidden_layers": 62, "hidden_size": 5376, "intermediate_size": 21504,
     "num_attention_heads": 32, "num_key_value_heads": 16, "head_dim": 128, "sliding_window": 1024}
)  # fmt: skip


@pytest.mark.parametrize(
    ("architecture", "bits", "expected"),
    [
        (LLAMA2_7B, 16, 524_288),
        (LLAMA2_7B, 8, 262_144),
        (LLAMA2_7B, 4, 131_072),
        (LLAMA3_70B, 16, 327_680),
        (LLAMA3_405B, 16, 516_096),
        (MISTRAL_7B, 16, 131_072),
        (DEEPSEEK_V3, 16, 70_272),
    ],
    ids=[
        "Llama-2-7B: half a MiB a token",
        "the same in fp8",
        "the same in int4",
        "Llama-3-70B with 8 KV heads, as Qwen2.5-72B: 327.680 KB (arXiv 2505.09343, table 1)",
        "Llama-3.1-405B: 516.096 KB (arXiv 2505.09343, table 1)",
        "Mistral-7B while a token is in the window",
        "DeepSeek-V3: 70.272 KB (arXiv 2505.09343, table 1)",
    ],
)
def test_bytes_per_token(architecture: Architecture, bits: int, expected: int) -> None:
    assert cache.bytes_per_token(architecture, bits) == expected


def test_a_window_keeps_no_more_than_its_tokens() -> None:
    assert cache.sequence_bytes(MISTRAL_7B, 4096, 16) == 4096 * 131_072
    assert cache.sequence_bytes(MISTRAL_7B, 32_768, 16) == 4096 * 131_072


def test_full_layers_among_sliding_ones_keep_everything() -> None:
    full, sliding, each = 10, 52, 2 * 16 * 128 * 2
    assert cache.sequence_bytes(GEMMA_3_27B, 32_768, 16) == (full * 32_768 + sliding * 1024) * each


def test_half_bytes_stay_whole() -> None:
    odd = of(Layer("full", "none", (), (Cache(1, 3),)))
    assert cache.sequence_bytes(odd, 1, 4) == 2
    assert cache.sequence_bytes(odd, 2, 4) == 3


def test_a_compressed_cache_has_one_entry_for_several_tokens() -> None:
    compressed = of(attention(every=4))
    assert [cache.sequence_bytes(compressed, tokens, 16) for tokens in (3, 4, 7, 8)] == [0, 128, 128, 256]


def test_the_length_of_a_cross_attention_is_not_that_of_the_text() -> None:
    cross = of(attention(kind="cross", window=100))
    assert cache.sequence_bytes(cross, 1, 16) == cache.sequence_bytes(cross, 1000, 16) == 100 * 128
    assert cache.bytes_per_token(cross, 16) == 0


def test_states_do_not_grow() -> None:
    recurrent = of(Layer("mamba", "none", (), (), (State(100), State(10, 4))))
    assert cache.state_bytes(recurrent, 2) == 240
    assert cache.sequence_bytes(recurrent, 1, 16) == cache.sequence_bytes(recurrent, 10**6, 16) == 240


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [(1, 327_680), (2, 163_840), (8, 40_960), (16, 40_960)],
    ids=["alone", "two share the heads", "one head each", "beyond that heads are replicated"],
)
def test_tensor_parallel_ranks_share_kv_heads_down_to_one(ranks: int, expected: int) -> None:
    assert cache.bytes_per_token(LLAMA3_70B, 16, ranks) == expected


def test_a_latent_cache_is_on_every_rank() -> None:
    assert cache.bytes_per_token(DEEPSEEK_V3, 16, 8) == cache.bytes_per_token(DEEPSEEK_V3, 16)


def test_nothing_fits_into_nothing() -> None:
    assert cache.longest_context(LLAMA2_7B, 0, 16) == 0
    assert cache.longest_context(LLAMA2_7B, 524_287, 16) == 0
    assert cache.longest_context(LLAMA2_7B, 524_288, 16) == 1


def test_a_cache_that_stops_growing_holds_any_length() -> None:
    assert cache.longest_context(MISTRAL_7B, 4096 * 131_072, 16) == cache.LONGEST
    assert cache.longest_context(MISTRAL_7B, 4096 * 131_072 - 1, 16) == 4095


caches = st.builds(
    Cache,
    st.integers(1, 16),
    st.integers(1, 300),
    st.none() | st.integers(1, 5000),
    st.integers(1, 130),
    st.booleans(),
    st.just("full"),
)
states = st.builds(State, st.integers(0, 10_000), st.none() | st.just(4), st.just("recurrent"))
layers = st.tuples(st.lists(caches, max_size=2).map(tuple), st.lists(states, max_size=2).map(tuple)).map(
    lambda kept: Layer("full", "none", (), *kept)
)
architectures = st.lists(layers, min_size=1, max_size=4).map(lambda found: of(*found))


@given(architectures, st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from((4, 8, 16, 32)))
def test_more_tokens_never_take_less(architecture: Architecture, one: int, more: int, bits: int) -> None:
    least = cache.sequence_bytes(architecture, one, bits)
    assert least <= cache.sequence_bytes(architecture, one + more, bits)


@given(architectures, st.integers(1, 10**5), st.sampled_from((4, 8, 16, 32)), st.integers(1, 16))
def test_more_ranks_never_hold_more_each(architecture: Architecture, tokens: int, bits: int, ranks: int) -> None:
    alone = cache.sequence_bytes(architecture, tokens, bits)
    each = cache.sequence_bytes(architecture, tokens, bits, tensor_parallel=ranks)
    assert each <= alone <= each * ranks


@settings(max_examples=50)
@given(architectures, st.integers(0, 10**9), st.sampled_from((4, 8, 16)), st.integers(1, 4))
def test_the_longest_context_fits_and_one_token_more_does_not(
    architecture: Architecture, budget: int, bits: int, ranks: int
) -> None:
    found = cache.longest_context(architecture, budget, bits, 2, ranks)
    if found:
        assert cache.sequence_bytes(architecture, found, bits, 2, ranks) <= budget
    if found < cache.LONGEST:
        assert cache.sequence_bytes(architecture, found + 1, bits, 2, ranks) > budget


@given(st.integers(1, 4096), st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**12))
def test_the_longest_context_is_found_in_a_few_looks(block: int, size: int, window: int, budget: int) -> None:
    looks = []

    def needed(tokens: int) -> int:
        looks.append(tokens)
        return size * (-(-tokens // block) + -(-min(tokens, window) // 16))

    found = cache.most_tokens(needed, budget)
    assert len(looks) <= 40
    assert found == 0 or needed(found) <= budget
    assert found == cache.LONGEST or needed(found + 1) > budget


@given(st.integers(1, 10**6))
def test_bytes_per_token_times_tokens_is_the_cache_where_nothing_has_a_window(tokens: int) -> None:
    assert cache.sequence_bytes(LLAMA3_70B, tokens, 16) == tokens * cache.bytes_per_token(LLAMA3_70B, 16)
