"""The same configs built by transformers on the meta device: every parameter counted there is counted here."""

from __future__ import annotations

import dataclasses
import json
import os
from importlib.metadata import requires
from typing import Any

import pytest

from planner.model import families, read
from planner.model.parameters import count

transformers = pytest.importorskip("transformers")
torch = pytest.importorskip("torch")
PINNED = [
    text.partition("==")[2].partition(";")[0].strip()
    for text in requires("llm-config-planner") or ()
    if text.startswith("transformers==")
]
if PINNED and [transformers.__version__] != PINNED:
    pytest.skip(f"transformers {transformers.__version__} is no referee, {PINNED[0]} is", allow_module_level=True)

with open(os.path.join(os.path.dirname(__file__), "published.jsonl"), encoding="utf-8") as lines:
    PUBLISHED: dict[str, dict[str, Any]] = {row["id"]: row for row in map(json.loads, lines)}

NATIVE = [name for name, row in PUBLISHED.items() if row["source"].startswith("transformers")]
MODULES = (
    "llama", "variants", "qwen", "gemma", "gemma_matformer", "gpt", "classic", "cohere", "olmo", "phi", "code", "glm",
    "deepseek", "deepseek_v4", "indexed", "experts", "gated", "inkling", "hunyuan", "exaone", "ernie", "minimax_m",
    "looped", "qwen_next",
)  # fmt: skip
VARIANTS: dict[str, dict[str, object]] = {
    "as the class has it": {},
    "biases": {"attention_bias": True, "mlp_bias": True, "use_bias": True, "qkv_bias": True, "use_qkv_bias": True},
    "untied": {"tie_word_embeddings": False},
    "norms of queries and keys": {"use_qk_norm": True, "qk_layernorm": True},
    "heads of 32": {"head_dim": 32},
    "no compression of queries": {"q_lora_rank": None},
    "shared experts": {"n_shared_experts": 2, "num_shared_experts": 2, "moe_num_shared_experts": 2},
    "dense layers": {"first_k_dense_replace": 2, "num_dense_layers": 2, "decoder_sparse_step": 2},
    "parallel residuals": {"use_parallel_residual": True, "parallel_attn": False, "new_decoder_architecture": True},
}
"""Changes to the class defaults; keys that a type does not know are left out."""
EVERYTHING = set(VARIANTS)
UNLIKE = {
    "longcat_flash": (EVERYTHING, "the class has matrices for experts that do nothing; checkpoints have none"),
    "deepseek_v2": ({"biases"}, "mlp_bias of experts, which no checkpoint has"),
    "deepseek_v4": ({"biases", "shared experts"}, "mlp_bias of experts; one shared expert whatever the config says"),
    "helium": ({"heads of 32"}, "its output matrix takes no other head size"),
}
"""Where planner counts what checkpoints hold and not what the class allocates."""
REFUSED = {
    "dots1": EVERYTHING,
    "dbrx": EVERYTHING,
    "gpt_neo": EVERYTHING,
    "cohere_compass_text": EVERYTHING,
    "gemma3n_text": {"as the class has it", "biases", "untied", "heads of 32"},
    **dict.fromkeys(
        ("axk1", "axk2", "deepseek_v32", "deepseek_v4", "glm_moe_dsa", "dots3_note_text", "hy_v4"),
        ("no compression of queries",),
    ),
}
"""What transformers cannot build from defaults with seven layers."""
ROPE = {"rope_type": "default", "rope_theta": 10000.0}
NEEDED: dict[str, dict[str, object]] = {
    "ministral": {"rope_parameters": ROPE, "head_dim": 128},
    "nemotron": {"num_key_value_heads": 8},
    "hunyuan_v1_dense": {"rope_parameters": ROPE, "head_dim": 128},
    "hunyuan_v1_moe": {"rope_parameters": ROPE, "head_dim": 128},
}
"""What classes cannot be built without, though it has no default."""


def built(model_type: str, keys: dict[str, object]) -> int:
    """Parameters of the class on the meta device."""
    config = transformers.AutoConfig.for_model(model_type, **keys)
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config)
    return sum(parameter.numel() for parameter in model.parameters())


def cases() -> list[tuple[str, str]]:
    """Every decoder that both have, with every variant that bears on it."""
    from transformers.models.auto import modeling_auto

    classes = modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    types = [name for module in MODULES for name in families.MODULES[module].split() if name in classes]
    return [
        (name, variant)
        for name in types
        for variant, keys in VARIANTS.items()
        if (not keys or keys.keys() & defaults(name).keys())
        and variant not in REFUSED.get(name, ())
        and variant not in UNLIKE.get(name, ((), ""))[0]
    ]


def defaults(model_type: str) -> dict[str, object]:
    """The fields of the configuration class."""
    return {field.name: field.default for field in dataclasses.fields(transformers.CONFIG_MAPPING[model_type])}


@pytest.mark.parametrize("name", NATIVE)
def test_a_published_config_has_as_many_parameters_as_its_class(name: str) -> None:
    keys = dict(PUBLISHED[name]["config"])
    model_type = keys.pop("model_type")
    if model_type == "dbrx":
        keys["attn_config"] = {**keys["attn_config"], "rope_theta": 500000.0}
    assert built(model_type, keys) == PUBLISHED[name]["total"]


@pytest.mark.parametrize(("model_type", "variant"), cases())
def test_a_class_has_as_many_parameters_as_are_counted(model_type: str, variant: str) -> None:
    own = defaults(model_type)
    layers = transformers.CONFIG_MAPPING[model_type].attribute_map.get("num_hidden_layers", "num_hidden_layers")
    changes = {key: value for key, value in VARIANTS[variant].items() if key in own}
    keys = {layers: 7, **NEEDED.get(model_type, {}), **changes}
    assert count(read({"model_type": model_type, **keys})).total == built(model_type, keys)
