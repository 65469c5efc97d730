"""What recurrent, hybrid, multimodal and encoder-decoder models keep of a sequence."""

from __future__ import annotations

import pytest

from planner.model import read
from planner.model.config import ConfigError

BYTES = 2


def state_elements(config: dict) -> int:
    return sum(state.elements for layer in read(config).layers for state in layer.states)


def cache_layers(config: dict, kind: str) -> int:
    return sum(cache.kind == kind for layer in read(config).layers for cache in layer.caches)


@pytest.mark.parametrize("kind", ["mamba", "falcon_mamba", "mamba2", "rwkv", "xlstm"])
def test_a_purely_recurrent_model_has_no_cache(kind):
    assert not any(layer.caches for layer in read({"model_type": kind}).layers)


@pytest.mark.parametrize("kind", ["bert", "roberta", "electra", "distilbert", "modernbert", "nomic_bert"])
def test_an_encoder_keeps_nothing(kind):
    assert not any(layer.caches or layer.states for layer in read({"model_type": kind}).layers)


@pytest.mark.parametrize("kind", ["llava", "qwen3_vl", "idefics3", "glm4v"])
def test_a_vision_tower_keeps_nothing(kind):
    text = {"num_hidden_layers": 3}
    assert cache_layers({"model_type": kind, "text_config": text}, "full") == 3


# Worked by hand from the papers: elements of a sequence's states, in all layers together.
STATES = [
    pytest.param({"model_type": "mamba", "hidden_size": 768, "num_hidden_layers": 24},
                 24 * (1536 * 3 + 1536 * 16), id="Mamba: inner × (K − 1) and inner × N"),
    pytest.param({"model_type": "mamba2", "hidden_size": 768, "num_heads": 24, "n_groups": 1, "num_hidden_layers": 24},
                 24 * ((1536 + 2 * 128) * 3 + 1536 * 128), id="Mamba-2: B and C pass the convolution too"),
    pytest.param({"model_type": "jamba", "num_hidden_layers": 32}, 28 * (8192 * 3 + 8192 * 16),
                 id="Jamba: four of 32 layers attend"),
    pytest.param({"model_type": "qwen3_next", "num_hidden_layers": 48},
                 36 * ((2 * 16 * 128 + 32 * 128) * 3 + 32 * 128 * 128), id="Gated DeltaNet: a matrix per value head"),
    pytest.param({"model_type": "minimax", "num_hidden_layers": 32}, 16 * 32 * 128 * 128,
                 id="lightning attention: a matrix per head and no convolution"),
    pytest.param({"model_type": "lfm2", "num_hidden_layers": 3, "full_attn_idxs": [1]}, 2 * 2560 * 2,
                 id="LFM2: a convolution over three tokens keeps two"),
    pytest.param({"model_type": "rwkv", "num_hidden_layers": 32}, 32 * 5 * 4096,
                 id="RWKV-4: two last inputs, numerator, denominator and maximum"),
    pytest.param({"model_type": "xlstm"}, 32 * (2048 * 4096 // 8 + 2048 + 8), id="mLSTM: memory, normaliser, maximum"),
    pytest.param({"model_type": "recurrent_gemma", "num_hidden_layers": 3}, 2 * (2560 * 3 + 2560),
                 id="RG-LRU: its width and three inputs of the convolution"),
    pytest.param({"model_type": "kimi_linear", "num_hidden_layers": 4}, 4 * (3 * 4096 * 3 + 32 * 128 * 128),
                 id="Kimi Delta Attention: queries, keys and values pass convolutions"),
]  # fmt: skip


@pytest.mark.parametrize(("config", "elements"), STATES)
def test_states_hold_what_the_recurrence_needs(config, elements):
    assert state_elements(config) == elements


def test_states_are_in_the_dtype_of_the_model():
    layers = read({"model_type": "falcon_h1", "num_hidden_layers": 2}).layers
    assert all(state.bytes_each is None for layer in layers for state in layer.states)


@pytest.mark.parametrize(
    ("config", "full"),
    [
        pytest.param({"model_type": "jamba"}, 4, id="Jamba: layers 4, 12, 20 and 28"),
        pytest.param({"model_type": "bamba", "attn_layer_indices": [9, 18, 27]}, 3, id="Bamba: as listed"),
        pytest.param({"model_type": "falcon_h1", "num_hidden_layers": 7}, 7, id="Falcon-H1: every layer"),
        pytest.param({"model_type": "granitemoehybrid"}, 0, id="Granite 4 without a list: none"),
        pytest.param({"model_type": "nemotron_h", "hybrid_override_pattern": "M-M*-E"}, 1, id="Nemotron-H: stars"),
        pytest.param({"model_type": "qwen3_next"}, 12, id="Qwen3-Next: one in four"),
        pytest.param({"model_type": "qwen3_next", "full_attention_interval": 6}, 8, id="as the interval says"),
        pytest.param({"model_type": "zamba"}, 13, id="Zamba: every call of the shared block"),
    ],
)
def test_layers_that_attend_have_caches(config, full):
    assert cache_layers(config, "full") == full


def test_a_hybrid_may_attend_to_a_window():
    caches = [cache for layer in read({"model_type": "lfm3"}).layers for cache in layer.caches]
    assert [cache.window for cache in caches].count(256) == 5
    assert [cache.window for cache in caches].count(None) == 6


def test_zamba_calls_one_block_from_many_layers_with_caches_of_twice_the_width():
    found = read({"model_type": "zamba2"})
    widths = {cache.heads * cache.width for layer in found.layers for cache in layer.caches}
    assert widths == {2 * 2 * 2560}
    assert sum(tensor.name == "shared_transformer.self_attn.q_proj" for tensor in found.outside) == 1


def test_images_are_not_in_the_cache_of_a_text_alone():
    crossed = [layer for layer in read({"model_type": "mllama"}).layers if layer.mixer == "cross"]
    assert len(crossed) == 8
    assert all(cache.kind == "cross" and cache.window == 0 for layer in crossed for cache in layer.caches)


def test_whisper_keeps_the_encoded_sound_at_its_fixed_length():
    found = read({"model_type": "whisper"})
    assert {cache.window for layer in found.layers for cache in layer.caches if cache.kind == "cross"} == {1500}
    assert found.max_context == 448


def test_sparse_attention_keeps_a_key_for_its_indexer():
    text = {"model_type": "minimax_m3_vl_text", "num_hidden_layers": 3,
            "sparse_attention_config": {"sparse_attention_freq": [0, 1, 1], "sparse_index_dim": 128}}  # fmt: skip
    assert cache_layers({"model_type": "minimax_m3_vl", "text_config": text}, "indexer") == 2


@pytest.mark.parametrize(
    ("config", "key"),
    [
        pytest.param({"model_type": "nemotron_h"}, "hybrid_override_pattern", id="a pattern of layers is needed"),
        pytest.param({"model_type": "nemotron_h", "hybrid_override_pattern": "MX"}, "hybrid_override_pattern",
                     id="a pattern has four letters"),
        pytest.param({"model_type": "llava_next", "text_config": 3}, "text_config", id="a nested config is a mapping"),
        pytest.param({"model_type": "internvl", "downsample_ratio": 0}, "downsample_ratio", id="a ratio above 0"),
        pytest.param({"model_type": "llava", "vision_config": {"patch_size": [14]}}, "vision_config.patch_size",
                     id="sides come in pairs"),
    ],
)  # fmt: skip
def test_nonsense_is_said_at_its_key(config, key):
    with pytest.raises(ConfigError) as caught:
        read(config)
    assert caught.value.key == key
