"""params.json: the makers' own names for the sizes of a decoder."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

META_8B = {
    "dim": 4096, "n_layers": 32, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 128256, "ffn_dim_multiplier": 1.3,
    "multiple_of": 1024, "norm_eps": 1e-05, "rope_theta": 500000.0, "use_scaled_rope": True,
}  # fmt: skip
META_70B = {**META_8B, "dim": 8192, "n_layers": 80, "n_heads": 64, "multiple_of": 4096}
MISTRAL = {
    "dim": 4096, "n_layers": 32, "head_dim": 128, "hidden_dim": 14336, "n_heads": 32, "n_kv_heads": 8,
    "norm_eps": 1e-05, "vocab_size": 32000,
}  # fmt: skip
MIXTRAL = {**MISTRAL, "moe": {"num_experts_per_tok": 2, "num_experts": 8}}
DEEPSEEK_16B = {
    "vocab_size": 102400, "dim": 2048, "inter_dim": 10944, "moe_inter_dim": 1408, "n_layers": 27, "n_dense_layers": 1,
    "n_heads": 16, "n_routed_experts": 64, "n_shared_experts": 2, "n_activated_experts": 6, "route_scale": 1.0,
    "q_lora_rank": 0, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
}  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        {"dim": 64, "n_layers": 2, "n_heads": 4, "vocab_size": 100},
        {"model": MISTRAL, "training": {"steps": 10}},
        {**MISTRAL, "model_type": "llama"},
        {**MISTRAL, "optimizer": {"lr": 1e-4}},
        [MISTRAL],
    ],
)
def test_other_files_are_not_read(plans_of: PlansOf, data: object) -> None:
    assert not [plan for plan in plans_of(json.dumps(data), "params.json") if plan.workload.format == "params-json"]


@pytest.mark.parametrize(
    ("data", "total"),
    [
        (META_8B, 8_030_261_248),
        (META_70B, 70_553_706_496),
        (MISTRAL, 7_241_732_096),
        (MIXTRAL, 46_702_792_704),
        (DEEPSEEK_16B, 15_706_484_224),
    ],
    ids=["Llama-3.1-8B", "Llama-3.1-70B", "Mistral-7B", "Mixtral-8x7B", "DeepSeek-V2-Lite"],
)
def test_totals_are_those_of_the_checkpoints(plans_of: PlansOf, data: object, total: int) -> None:
    (plan,) = plans_of(json.dumps(data), "params.json")
    assert plan.model
    assert plan.model.total == total


def test_fp8_has_scales_by_block(plans_of: PlansOf) -> None:
    (plan,) = plans_of(json.dumps({**DEEPSEEK_16B, "dtype": "fp8"}), "config_16B.json")
    assert plan.model and plan.model.quantization and plan.model.quantization.startswith("FP8, blocks of 128×128")


@pytest.mark.parametrize(
    ("key", "value", "because"),
    [("vocab_size", -1, "tokenizer"), ("compress_ratios", [4, 128], "compressed"), ("multiple_of", None, "missing")],
)
def test_what_the_file_leaves_open_is_said(plans_of: PlansOf, key: str, value: object, because: str) -> None:
    (plan,) = plans_of(json.dumps({**META_8B, key: value}), "params.json")
    assert [because in item.because for item in plan.not_checked] == [True]


@pytest.mark.parametrize("value", [float("nan"), -2, 0, 10**30, [], {}, "x", True, None])
@pytest.mark.parametrize("key", [*META_8B, "moe", "hidden_dim"])
def test_hostile_values_crash_nothing(plans_of: PlansOf, key: str, value: object) -> None:
    plans_of(json.dumps({**META_8B, key: value}), "params.json")
