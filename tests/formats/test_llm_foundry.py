"""LLM Foundry's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

MPT = """
variables:
  length: 2048
max_seq_len: ${variables.length}
run_name: ${variables.run}
model:
  name: mpt_causal_lm
  d_model: 4096
  n_heads: 32
  n_layers: 32
  expansion_ratio: 4
  max_seq_len: ${variables.length}
  vocab_size: 50368
train_loader: {name: text, dataset: {max_seq_len: 2048}}
max_duration: 63900ba
global_train_batch_size: 1024
device_train_microbatch_size: auto
precision: amp_bf16
fsdp_config: {sharding_strategy: FULL_SHARD, activation_checkpointing: true}
"""
PUBLISHED = """
max_seq_len: 256
model: {name: hf_causal_lm, pretrained: true, pretrained_model_name_or_path: facebook/opt-2.7b}
train_loader: {name: text}
max_duration: 4800ba
global_train_batch_size: 256
"""


@pytest.mark.parametrize(
    "text",
    [
        "max_duration: 10ba\nalgorithms: {train_loader: 1}",
        "model: {name: resnet}\ntrain_loader: x\nmax_duration: 90ep",
        "train_loader: {}\nmax_duration: 1ep\nmodel: gpt",
        "- max_duration: 10ba\n- train_loader: {}",
    ],
    ids=["no model", "a loader by name", "a model by name", "a list"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_mpt_7b_is_planned_as_it_was_trained(plans_of: PlansOf) -> None:
    (plan,) = plans_of(MPT)
    assert plan.model.total == 6_658_859_008
    assert plan.tokens.planned == 134_008_012_800
    assert plan.tokens.verdict == "ok"
    assert plan.workload.training.stage == "pretrain"


def test_words_of_the_run_are_those_of_the_vocabulary(plans_of: PlansOf) -> None:
    (plan,) = plans_of(MPT)
    run = plan.workload.training
    assert (run.precision, run.sharding, run.activation_checkpointing) == ("bf16-mixed", "fsdp", "full")
    assert run.micro_batch_size is None


def test_numbers_point_at_their_place(plans_of: PlansOf) -> None:
    (plan,) = plans_of(MPT)
    origins = plan.workload.origins
    assert origins["training.steps"].path == ("max_duration",)
    assert origins["model.architecture.hidden_size"].path == ("model", "d_model")


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (PUBLISHED, "continued-pretrain"),
        (PUBLISHED.replace("pretrained: true, ", ""), "continued-pretrain"),
        (PUBLISHED.replace("pretrained: true", "pretrained: false"), "pretrain"),
        (PUBLISHED.replace("name: text", "name: finetuning"), "finetune"),
        (MPT + "load_path: s3://bucket/latest.pt\n", "continued-pretrain"),
        (MPT + "load_path: ${variables.checkpoint}\n", "continued-pretrain"),
        (MPT + "load_path:\n", "pretrain"),
    ],
    ids=[
        "published weights", "published weights by default", "only the shape of a published model",
        "a loader of pairs", "a checkpoint", "a checkpoint filled in later", "an empty key",
    ],
)  # fmt: skip
def test_pre_training_is_what_starts_from_nothing(plans_of: PlansOf, text: str, stage: str) -> None:
    (plan,) = plans_of(text)
    assert plan.workload.training.stage == stage


def test_epochs_of_unknown_data_are_not_counted(plans_of: PlansOf) -> None:
    (plan,) = plans_of(MPT.replace("63900ba", "2ep"))
    assert plan.tokens.planned is None
    assert any("unique_tokens" in item.because for item in plan.not_checked)
