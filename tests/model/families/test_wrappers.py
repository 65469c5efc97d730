"""How multimodal configs are put together: nested keys, towers by type, what is not known."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model import read
from planner.model.config import ConfigError
from planner.model.parameters import count

TEXT = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 100}  # fmt: skip
VISION = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "image_size": 8, "patch_size": 4}


def tower_parameters(config: dict) -> int:
    parameters = count(read(config))
    return parameters.other


def test_a_tower_of_an_unknown_type_is_said_and_not_guessed():
    found = read({"model_type": "llava", "text_config": {"model_type": "llama", **TEXT},
                  "vision_config": {"model_type": "eva02", **VISION}})  # fmt: skip
    assert found.notes == ("vision_tower of type eva02 is not counted",)


def test_a_known_tower_needs_no_note():
    found = read({"model_type": "llava", "text_config": {"model_type": "llama", **TEXT}})
    assert found.notes == ()


def test_a_null_tower_of_gemma_4_is_none():
    text = {"model_type": "gemma4_text", "num_hidden_layers": 6}
    config = {"model_type": "gemma4", "text_config": text, "vision_config": None, "audio_config": None}
    assert count(read(config)).total == count(read(text)).total


def test_siglip_has_its_head_unless_told_not_to():
    """A learned query, attention and a network: 4·h² + 2·h·I and 5·h + I biases, a norm of 2·h, the query h."""
    with_head, without = (
        tower_parameters({"model_type": "gemma3", "text_config": {"num_hidden_layers": 1}, "vision_config":
                          {"model_type": "siglip_vision_model", **VISION, "vision_use_head": flag}})
        for flag in (True, False)
    )  # fmt: skip
    assert with_head - without == 4 * 32 * 32 + 2 * 32 * 64 + (5 * 32 + 64) + 2 * 32 + 32


def test_a_class_with_one_tower_keeps_it_whatever_type_its_config_names():
    """MiniMax-M3's checkpoints call the tower clip_vision_model; it has neither class token nor positions."""
    text = {"num_hidden_layers": 1, "hidden_size": 64, "num_local_experts": 2, "intermediate_size": 8}
    base = {"model_type": "minimax_m3_vl", "text_config": text, "projector_hidden_size": 16}
    named = {**base, "vision_config": {**VISION, "model_type": "clip_vision_model", "spatial_merge_size": 2}}
    own = {**base, "vision_config": {**VISION, "model_type": "minimax_m3_vl_vision", "spatial_merge_size": 2}}
    assert count(read(named)) == count(read(own))


def test_keys_of_the_language_model_may_stand_outside():
    vision = {"embed_dim": 32, "hidden_size": 64, "depth": 1}
    flat = {"model_type": "qwen2_vl", **TEXT, "vision_config": vision}
    nested = {"model_type": "qwen2_vl", "text_config": TEXT, "vision_config": vision}
    assert count(read(flat)) == count(read(nested))


@pytest.mark.parametrize(
    ("outer", "inner", "tied"),
    [
        pytest.param(
            {"tie_word_embeddings": True}, {"tie_word_embeddings": False}, True, id="the wrapper's word comes first"
        ),
        pytest.param({}, {"tie_word_embeddings": False}, False, id="then the language model's"),
        pytest.param({}, {}, True, id="then the wrapper's class (InternVL ties)"),
    ],
)
def test_who_says_whether_the_head_is_tied(outer, inner, tied):
    text = {"model_type": "qwen2", **TEXT, **inner}
    assert read({"model_type": "internvl", "text_config": text, **outer}).tied is tied


def test_only_the_thinker_of_an_omni_model_is_counted_and_that_is_said():
    found = read(
        {"model_type": "qwen2_5_omni", "thinker_config": {"model_type": "qwen2_5_omni_thinker", "text_config": TEXT}}
    )
    assert found.notes == ("qwen2_5_omni: talker and vocoder are not counted",)


def test_gemma_4_12b_sees_and_hears_through_single_matrices():
    """google/gemma-4-12B-it: 11,959,730,224 published, with a scalar per layer that its class keeps as a buffer."""
    layers = 48
    config = {
        "model_type": "gemma4_unified", "vision_config": {}, "audio_config": {},
        "text_config": {
            "model_type": "gemma4_unified_text", "hidden_size": 3840, "intermediate_size": 15360, "head_dim": 256,
            "num_hidden_layers": layers, "num_attention_heads": 16, "num_key_value_heads": 8, "vocab_size": 262144,
            "num_global_key_value_heads": 1, "global_head_dim": 512, "attention_k_eq_v": True,
        },
    }  # fmt: skip
    found = read(config)
    assert not found.notes
    assert count(found).total == 11_959_730_224 - layers
    assert count(read({**config, "vision_config": None, "audio_config": None})).total == 11_959_730_224 - layers - (
        2 * 6912 + 6912 * 3840 + 3840 + 4 * 3840 + 2 * 1120 * 3840 + 3840 * 3840 + 640 * 3840
    )


def test_hunyuan_ocr_merges_neighbours_by_a_convolution():
    """tencent/HunyuanOCR: 1,119,925,744 published, with an output head that is stored though it is tied."""
    text = {
        "model_type": "hunyuan_vl_text", "hidden_size": 1024, "intermediate_size": 3584, "num_hidden_layers": 24,
        "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 120818,
    }  # fmt: skip
    found = read({"model_type": "hunyuan_vl", "text_config": text, "tie_word_embeddings": True})
    assert not found.notes
    assert count(found).total == 1_119_925_744 - 120_818 * 1024


with open(os.path.join(os.path.dirname(__file__), "measured.jsonl"), encoding="utf-8") as file:
    CONFIGS = [json.loads(line)["config"] for line in file]

RECURRENT = ("mamba", "mamba2", "jamba", "falcon_h1", "qwen3_next", "kimi_linear", "lfm3", "zaya", "beam")
FURTHER = ("hidden_size", "num_attention_heads", "layer_types", "vision_config", "text_config", "num_hidden_layers",
           "mamba_expand", "linear_attn_config", "architectures", "num_key_value_heads", "head_dim", "image_size",
           "id2label")  # fmt: skip
NONSENSE = st.sampled_from(
    [None, -1, 0, 1, 3, 2**70, 1.5, float("nan"), "x", "", [], [1], [-1, "y"], {}, {"a": 1}, True]
)


def places(config: dict, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in config.items():
        found.append((*path, key))
        if isinstance(value, dict):
            found += places(value, (*path, key))
    return found


def replaced(config: dict, path: tuple[str, ...], value: object) -> dict:
    inner = value if len(path) == 1 else replaced(config[path[0]], path[1:], value)
    return {**config, path[0]: inner}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_config_raises_config_error_or_nothing(data):
    config = data.draw(st.sampled_from(CONFIGS))
    path = data.draw(st.sampled_from([*places(config), *((key,) for key in FURTHER)]))
    broken = replaced(config, path, data.draw(NONSENSE))
    try:
        parameters = count(read(broken))
    except ConfigError as error:
        assert str(error)
    else:
        assert parameters.total == sum((parameters.embedding, parameters.attention, parameters.ffn, parameters.other))


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(RECURRENT),
       layers=st.integers(1, 30))  # fmt: skip
def test_one_layer_more_is_never_fewer_parameters(kind, layers):
    fewer, more = (
        count(read({"model_type": kind, "num_hidden_layers": number})).total for number in (layers, layers + 1)
    )
    assert fewer < more
