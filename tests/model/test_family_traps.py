"""What tools get wrong when they read a config.json."""

from __future__ import annotations

import pytest

from planner.model import read
from planner.model.config import ConfigError
from planner.model.parameters import count
from planner.model.stack import Architecture

SMALL = {
    "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4, "num_attention_heads": 8, "vocab_size": 1000,
}  # fmt: skip


def small(**keys: object) -> Architecture:
    """A small model with further keys."""
    return read({**SMALL, **keys})


def mixers(architecture: Architecture) -> list[str]:
    """What mixes tokens in each layer."""
    return [layer.mixer for layer in architecture.layers]


def test_without_a_type_it_is_a_llama_and_says_so() -> None:
    assert small().notes == ("no model_type: read as a Llama-like decoder",)
    assert count(small()).total == count(small(model_type="llama", num_key_value_heads=8)).total


def test_an_unknown_type_is_a_llama_and_says_so() -> None:
    assert small(model_type="brandnew").notes == ("unknown model_type brandnew: read as a Llama-like decoder",)


def test_an_unknown_type_is_what_its_architectures_say() -> None:
    found = small(model_type="brandnew", architectures=["Qwen3ForCausalLM"], num_key_value_heads=8)
    assert count(found).total == count(small(model_type="qwen3", num_key_value_heads=8)).total
    assert "read as qwen3" in found.notes[0]


def test_a_type_that_is_no_language_model_is_not_read_as_one() -> None:
    with pytest.raises(ConfigError, match="clip_vision_model"):
        small(model_type="clip_vision_model")


def test_an_unknown_wrapper_counts_its_language_model_and_says_so() -> None:
    found = read({"model_type": "brandnew", "text_config": {**SMALL, "model_type": "llama"}})
    assert count(found).total == count(small(model_type="llama")).total
    assert "only its language model is counted" in found.notes[0]


@pytest.mark.parametrize("key", ["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"])
def test_what_makes_the_size_of_an_unknown_type_must_be_stated(key: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read({name: value for name, value in SMALL.items() if name != key})
    assert raised.value.key == key


def test_a_bare_decoder_has_no_head_unless_code_of_its_own_says_model() -> None:
    # intfloat/e5-mistral-7b-instruct stores 7,110,660,096 parameters, 32,000 × 4,096 fewer than Mistral-7B.
    mistral = {
        "model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000,
    }  # fmt: skip
    assert count(read({**mistral, "architectures": ["MistralModel"]})).total == 7_110_660_096
    assert count(read({**mistral, "architectures": ["MistralForCausalLM"]})).total == 7_241_732_096
    inner = {"model_type": "llava", "text_config": {**mistral, "architectures": ["MistralModel"]}, "vision_config": {}}
    assert any(tensor.kind == "head" for tensor in read(inner).outside)
    glm = {"model_type": "chatglm", "architectures": ["ChatGLMModel"], "ffn_hidden_size": 512, "hidden_size": 256}
    assert any(tensor.kind == "head" for tensor in read({**glm, "num_layers": 2, "num_attention_heads": 4}).outside)


def test_windows_may_be_written_out_in_letters() -> None:
    # EXAONE-4.0-32B: "sliding_window_pattern": "LLLG"
    exaone = {"model_type": "exaone4", "sliding_window": 4096, "num_hidden_layers": 8}
    kinds = ["sliding", "sliding", "sliding", "full"] * 2
    assert mixers(small(**exaone, sliding_window_pattern="LLLG")) == kinds
    assert mixers(small(**exaone, sliding_window_pattern=4)) == kinds


def test_exaone_in_its_own_spelling_is_tied_unless_it_says_otherwise() -> None:
    # EXAONE-3.5-2.4B's config.json has num_layers and no tie_word_embeddings; its checkpoint has no head.
    own = {key: value for key, value in SMALL.items() if key != "num_hidden_layers"}
    assert read({"model_type": "exaone", **own, "num_layers": 2}).tied
    assert not read({"model_type": "exaone", **own, "num_layers": 2, "tie_word_embeddings": False}).tied
    assert not read({"model_type": "exaone", **SMALL}).tied


def test_head_dim_overrides_hidden_size_over_heads() -> None:
    assert small(model_type="qwen3", head_dim=64, num_key_value_heads=2).layers[0].head_dim == 64
    assert small(model_type="llama").layers[0].head_dim == 32


def test_kv_heads_that_are_null_are_as_many_as_query_heads() -> None:
    assert small(model_type="mistral", num_key_value_heads=None).layers[0].kv_heads == 8


def test_embeddings_are_tied_where_the_class_ties_them() -> None:
    assert small(model_type="gemma", num_key_value_heads=8).tied
    assert not small(model_type="llama").tied


def test_a_wrapper_decides_whether_embeddings_are_tied() -> None:
    text = {**SMALL, "model_type": "llama", "tie_word_embeddings": False}
    assert read({"model_type": "brandnew", "tie_word_embeddings": True, "text_config": text}).tied


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "llama", "sliding_window": 128}, ["full"] * 4),
        ({"model_type": "mistral", "sliding_window": None}, ["full"] * 4),
        ({"model_type": "mistral", "sliding_window": 128}, ["sliding"] * 4),
        ({"model_type": "qwen2", "sliding_window": 128, "use_sliding_window": False}, ["full"] * 4),
        (
            {"model_type": "qwen2", "sliding_window": 128, "use_sliding_window": True, "max_window_layers": 3},
            ["full", "full", "full", "sliding"],
        ),
        ({"model_type": "gemma2"}, ["sliding", "full", "sliding", "full"]),
        ({"model_type": "cohere2"}, ["sliding", "sliding", "sliding", "full"]),
        ({"model_type": "gpt_oss", "num_local_experts": 4}, ["sliding", "full", "sliding", "full"]),
        ({"model_type": "olmo3"}, ["sliding", "sliding", "sliding", "full"]),
        ({"model_type": "llama4_text", "intermediate_size_mlp": 512}, ["chunked", "chunked", "chunked", "full"]),
        (
            {"model_type": "gemma3_text", "layer_types": ["full_attention"] * 3 + ["sliding_attention"]},
            ["full", "full", "full", "sliding"],
        ),
    ],
    ids=[
        "Llama knows no windows",
        "a null window is none",
        "Mistral's window is in every layer",
        "Qwen2 uses its window only if it says so",
        "and only from max_window_layers on",
        "Gemma-2 slides in every other layer, the first among them",
        "Command R7B in three of four",
        "gpt-oss in every other",
        "OLMo-3 in three of four",
        "Llama-4 sees chunks in three of four",
        "listed layers win",
    ],
)
def test_which_layers_have_a_window(config: dict[str, object], expected: list[str]) -> None:
    assert mixers(small(**config)) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "deepseek_v2", "first_k_dense_replace": 2, "num_experts_per_tok": 2}, [2, 2]),
        ({"model_type": "qwen3_moe", "num_experts": 4, "decoder_sparse_step": 2}, [2, 2]),
        ({"model_type": "qwen3_moe", "num_experts": 4, "mlp_only_layers": [0, 1, 2]}, [3, 1]),
        ({"model_type": "llama4_text", "intermediate_size_mlp": 512, "interleave_moe_layer_step": 2}, [2, 2]),
        ({"model_type": "glm4_moe", "n_routed_experts": 4}, [1, 3]),
        ({"model_type": "mixtral"}, [0, 4]),
        ({"model_type": "ernie4_5_moe", "moe_layer_start_index": 1, "moe_layer_end_index": 2}, [2, 2]),
    ],
    ids=[
        "the first layers of DeepSeek are dense",
        "Qwen's step",
        "Qwen's dense layers",
        "Llama-4's step",
        "GLM-4.5's first layer",
        "Mixtral has experts everywhere",
        "ERNIE from a layer to a layer",
    ],
)
def test_which_layers_have_experts(config: dict[str, object], expected: list[int]) -> None:
    kinds = [layer.ffn for layer in small(**config).layers]
    assert [len(kinds) - kinds.count("moe"), kinds.count("moe")] == expected


def test_null_query_rank_is_no_compression() -> None:
    names = {tensor.name for tensor in small(model_type="deepseek_v2", q_lora_rank=None).layers[0].tensors}
    assert "self_attn.q_proj" in names
    assert "self_attn.q_a_proj" not in names


def test_a_list_shorter_than_the_layers_is_an_error() -> None:
    with pytest.raises(ConfigError, match="3 entries for 4 layers"):
        small(model_type="gemma3_text", layer_types=["full_attention"] * 3)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "llama"}, None),
        ({"model_type": "llama", "max_position_embeddings": 4096}, 4096),
        (
            {
                "model_type": "llama",
                "max_position_embeddings": 131072,
                "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192},
            },
            131072,
        ),
        (
            {
                "model_type": "qwen2",
                "max_position_embeddings": 32768,
                "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
            },
            131072,
        ),
        (
            {
                "model_type": "llama",
                "max_position_embeddings": 4096,
                "rope_scaling": {"type": "linear", "factor": 4.0},
            },
            16384,
        ),
        ({"model_type": "llama", "max_position_embeddings": "many"}, None),
    ],
    ids=[
        "what is not stated is not known",
        "as stated",
        "Llama 3.1 states the extended length",
        "YaRN multiplies the original length",
        "linear rope multiplies the stated length",
        "nonsense is not known",
    ],
)
def test_longest_context(config: dict[str, object], expected: int | None) -> None:
    assert small(**config).max_context == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [({"torch_dtype": "bfloat16"}, "bfloat16"), ({"dtype": "float16"}, "float16"), ({"torch_dtype": "auto"}, None),
     ({}, None)],
    ids=["torch_dtype", "dtype", "auto is none", "not stated"],
)  # fmt: skip
def test_dtype_of_the_checkpoint(keys: dict[str, object], expected: str | None) -> None:
    assert small(model_type="llama", **keys).dtype == expected
