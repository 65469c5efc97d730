"""nanotron's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

SMOLLM2 = """
checkpoints: {checkpoint_interval: 2000, resume_checkpoint_path: null}
general: {project: smol, run: smollm2-135M}
model:
  dtype: bfloat16
  init_method: {std: 0.04}
  model_config:
    hidden_size: 576
    intermediate_size: 1536
    is_llama_config: true
    max_position_embeddings: 2048
    num_attention_heads: 9
    num_hidden_layers: 30
    num_key_value_heads: 3
    tie_word_embeddings: true
    vocab_size: 49152
optimizer: {zero_stage: 0, optimizer_factory: {name: adamW}}
parallelism: {dp: 64, pp: 1, tp: 1, expert_parallel_size: 1}
tokens: {batch_accumulation_per_replica: 1, micro_batch_size: 8, sequence_length: 2048, train_steps: 2000000}
"""


@pytest.mark.parametrize(
    "text",
    ["parallelism: {dp: 2}\nmodel: {}\nsequence_length: 5", "parallelism: 4\nmodel: x\ntokens: sequence_length"],
    ids=["two of three sections", "words in place of sections"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_smollm2_is_planned_as_it_was_trained(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SMOLLM2)
    assert plan.workload.name == "smollm2-135M"
    assert plan.model.total == 134_515_008
    assert plan.tokens.planned == 2_097_152_000_000


def test_ranks_that_share_a_layer_are_not_counted_into_the_batch(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SMOLLM2.replace("tp: 1", "tp: 2"))
    assert plan.tokens.planned == 2_097_152_000_000
    assert plan.workload.training.hardware.count == 128


@pytest.mark.parametrize(
    ("old", "new"),
    [("resume_checkpoint_path: null", "resume_checkpoint_path: runs/llama"), ("{std: 0.04}", "{path: runs/llama}")],
    ids=["a checkpoint to take up", "weights to start from"],
)
def test_what_starts_from_a_checkpoint_is_continued(plans_of: PlansOf, old: str, new: str) -> None:
    (plan,) = plans_of(SMOLLM2.replace(old, new))
    assert plan.workload.training.stage == "continued-pretrain"


def test_rotary_scaling_of_the_base_is_no_contradiction_of_a_short_run(plans_of: PlansOf) -> None:
    scaled = "rope_scaling: {rope_type: llama3, factor: 32.0, original_max_position_embeddings: 8192}\n    vocab_size"
    (plan,) = plans_of(SMOLLM2.replace("vocab_size", scaled))
    assert plan.model.contradictions == ()
