"""MaxText's models and runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

MODEL = """
base_emb_dim: 7168
base_num_query_heads: 128
base_num_kv_heads: 128
base_mlp_dim: 18432
base_moe_mlp_dim: 2048
base_num_decoder_layers: 61
first_num_dense_layers: 3
mlp_activations: ["silu", "linear"]
vocab_size: 129280
logits_via_embedding: false
num_experts: 256
num_experts_per_tok: 8
shared_experts: 1
decoder_block: "deepseek"
attention_type: "mla"
q_lora_rank: 1536
kv_lora_rank: 512
qk_nope_head_dim: 128
qk_rope_head_dim: 64
v_head_dim: 128
"""
RUN = """
base_config: "base.yml"
steps: 1000
per_device_batch_size: 4
max_target_length: 4096
model_name: "llama2-7b"
"""


@pytest.mark.parametrize(
    "text",
    ["base_config: other.yml\nname: x", "base_emb_dim: 8\nname: x"],
    ids=["another tool's base", "a lone size"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_deepseek_v3_is_counted_by_its_sizes(plans_of: PlansOf) -> None:
    (plan,) = plans_of(MODEL)
    assert plan.model is not None
    assert plan.model.total == pytest.approx(671_026_419_200, rel=1e-6)
    assert plan.workload.training is None


def test_a_run_lacks_its_devices(plans_of: PlansOf) -> None:
    (plan,) = plans_of(RUN)
    assert plan.model is not None and plan.tokens is not None
    assert plan.model.total == 6_738_415_616
    assert plan.tokens.planned is None
    assert any("number of devices" in item.because for item in plan.not_checked)


def test_with_its_devices_the_tokens_are_known(plans_of: PlansOf) -> None:
    (plan,) = plans_of(RUN, devices=256)
    assert plan.tokens is not None
    assert plan.tokens.planned == 1000 * 4 * 256 * 4096


@pytest.mark.parametrize(
    ("line", "stage"),
    [("use_sft: true\n", "finetune"), ("use_sft: false\n", None), ("use_dpo: true\n", "preference"),
     ("load_parameters_path: gs://bucket/0/items\n", "continued-pretrain")],
    ids=["tuning", "no tuning", "preferences", "weights to start from"],
)  # fmt: skip
def test_the_stage_is_told_where_it_is_stated(plans_of: PlansOf, line: str, stage: str | None) -> None:
    (plan,) = plans_of(RUN + line)
    assert plan.workload.training is not None
    assert plan.workload.training.stage == stage


def test_sizes_over_those_of_a_named_model_are_not_guessed(plans_of: PlansOf) -> None:
    (plan,) = plans_of(RUN + "base_num_decoder_layers: 5\n")
    assert plan.model is None
    assert any("sizes" in item.because for item in plan.not_checked)
