"""Hyper-parameters that cannot hold together."""

from __future__ import annotations

import json
import os

import pytest

from planner.model.contradictions import contradictions

SOUND = {
    "model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 11008, "vocab_size": 32000, "max_position_embeddings": 4096,
}  # fmt: skip

with open(os.path.join(os.path.dirname(__file__), "published.jsonl"), encoding="utf-8") as lines:
    PUBLISHED = {row["id"]: row["config"] for row in map(json.loads, lines)}


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_published_model_contradicts_itself(name: str) -> None:
    assert list(contradictions(PUBLISHED[name])) == []


@pytest.mark.parametrize(
    "keys",
    [
        {"num_attention_heads": 30, "num_key_value_heads": 30, "head_dim": 128},
        {"model_type": "qwen2", "num_attention_heads": 30, "num_key_value_heads": 30},
        {"model_type": "mistral", "sliding_window": 8192},
        {"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 2048}},
        {"model_type": "deepseek_v3", "num_key_value_heads": 5, "n_group": 8, "topk_group": 4, "n_routed_experts": 64},
        {"model_type": "qwen3", "layer_types": ["full_attention"] * 34},
        {"model_type": "qwen3", "layer_types": None},
        {},
    ],
    ids=[
        "heads have a size of their own",
        "Qwen2's code takes what is left of the division",
        "a window above the context is no window",
        "Llama 3's factor is not one of the lengths",
        "latent attention has no KV heads to share",
        "entries beyond the layers are for predicted tokens",
        "a null list is none",
        "a sound config",
    ],
)
def test_what_is_not_a_contradiction(keys: dict[str, object]) -> None:
    assert list(contradictions({**SOUND, **keys})) == []


@pytest.mark.parametrize(
    ("keys", "key", "message", "help"),
    [
        (
            {"num_attention_heads": 30, "num_key_value_heads": 30},
            "num_attention_heads",
            "hidden_size 4,096 is not a multiple of num_attention_heads 30",
            "num_attention_heads: 32 divides it, or give head_dim",
        ),
        (
            {"num_key_value_heads": 7},
            "num_key_value_heads",
            "num_attention_heads 32 is not a multiple of num_key_value_heads 7",
            "num_key_value_heads: 8",
        ),
        (
            {"model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 9},
            "num_experts_per_tok",
            "num_experts_per_tok 9 is more than num_local_experts 8",
            "num_experts_per_tok: 8 at most",
        ),
        (
            {"model_type": "deepseek_v3", "n_routed_experts": 60, "n_group": 8},
            "n_group",
            "n_routed_experts 60 is not a multiple of n_group 8",
            "",
        ),
        (
            {"model_type": "qwen3", "layer_types": ["full_attention"]},
            "layer_types",
            "layer_types has 1 entries for 32 layers",
            "num_hidden_layers: 1, or 32 entries",
        ),
        (
            {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}},
            "rope_scaling.original_max_position_embeddings",
            "rope_scaling.original_max_position_embeddings 8,192 is above max_position_embeddings 4,096",
            "max_position_embeddings: 8192",
        ),
        (
            {"rope_scaling": {"rope_type": "linear", "factor": 0.5}},
            "rope_scaling.factor",
            "rope_scaling.factor is 0.5; it stretches the context and is at least 1",
            "",
        ),
        (
            {"model_type": "gemma3n_text", "num_kv_shared_layers": 32},
            "num_kv_shared_layers",
            "num_kv_shared_layers 32 leaves none of the 32 layers to compute keys and values",
            "num_kv_shared_layers: 31 at most",
        ),
        ({"vocab_size": 0}, "vocab_size", "vocab_size is 0; it must be at least 1", ""),
    ],
    ids=[
        "hidden size and heads",
        "heads and KV heads",
        "experts for a token and experts",
        "experts and their groups",
        "a list too short",
        "an original context above the extended one",
        "a factor that shrinks",
        "every layer reuses another's cache",
        "a size of zero",
    ],
)
def test_what_is_a_contradiction(keys: dict[str, object], key: str, message: str, help: str) -> None:
    assert list(contradictions({**SOUND, **keys})) == [(key, message, help)]


def test_names_are_those_of_the_config() -> None:
    assert list(contradictions({"model_type": "gpt2", "n_embd": 100, "n_head": 7})) == [
        ("n_head", "n_embd 100 is not a multiple of n_head 7", "n_head: 5 divides it, or give head_dim")
    ]


def test_the_language_model_inside_a_wrapper_is_looked_at() -> None:
    found = list(contradictions({"model_type": "llava", "text_config": {**SOUND, "num_key_value_heads": 5}}))
    assert [key for key, _, _ in found] == ["text_config.num_key_value_heads"]


def test_a_key_is_named_once() -> None:
    keys = [key for key, _, _ in contradictions({"hidden_size": -1, "num_attention_heads": "x"})]
    assert sorted(keys) == ["hidden_size", "num_attention_heads"]
