"""The Model Zoo's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

GPT = """
trainer:
  init:
    model:
      name: gpt3
      hidden_size: 2048
      position_embedding_type: learned
      share_embedding_weights: true
      max_position_embeddings: 2048
      vocab_size: 50257
      num_hidden_layers: 24
      num_heads: 16
      use_projection_bias_in_attention: true
      filter_size: 8192
      nonlinearity: gelu
      use_ffn_bias: true
    loop: {max_steps: 24334}
    precision: {fp16_type: bfloat16}
  fit:
    train_dataloader: {batch_size: 528}
"""
FORMER = """
model: {hidden_size: 768, num_hidden_layers: 12, num_heads: 12, filter_size: 3072, vocab_size: 50257,
        max_position_embeddings: 2048}
train_input: {batch_size: 256}
runconfig: {max_steps: 9500}
"""


@pytest.mark.parametrize(
    "text",
    [
        "trainer: {init: {model: {name: vit, hidden_size: 8}}, fit: {train_dataloader: {}}}",
        "trainer: [1]\nnum_hidden_layers: 3\ntrain_input: {}",
    ],
    ids=["a trainer without a loop", "a list of trainers"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


@pytest.mark.parametrize("name", ["t5", "dino", "multimodal_simple"])
def test_other_models_are_said_to_be_none_of_ours(plans_of: PlansOf, name: str) -> None:
    text = f"trainer: {{init: {{model: {{name: {name}}}, loop: {{}}}}, fit: {{train_dataloader: {{}}}}}}"
    (plan,) = plans_of(text)
    assert (plan.model, plan.workload.training) == (None, None)
    assert [item.because for item in plan.not_checked] == [f"a model of type {name} is no decoder of text"]


def test_cerebras_gpt_is_trained_on_20_tokens_a_parameter(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT)
    assert plan.model is not None and plan.tokens is not None
    assert plan.model.total == pytest.approx(1.316e9, rel=0.001)
    assert plan.tokens.planned == 26_313_424_896
    assert plan.tokens.verdict == "ok"


def test_the_batch_of_former_releases_is_that_of_one_system(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FORMER)
    assert plan.tokens is not None and plan.tokens.planned is None
    assert any("number of devices" in item.because for item in plan.not_checked)


def test_loaded_states_are_continued(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT.replace("    loop:", "    callbacks: [{LoadCheckpointStates: {}}]\n    loop:"))
    assert plan.workload.training is not None
    assert plan.workload.training.stage == "continued-pretrain"


def test_an_encoder_is_said_not_to_be_counted(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT.replace("name: gpt3", "name: bert"))
    assert plan.model is None
    assert any("bert" in item.because for item in plan.not_checked)


def test_no_accelerators_memory_is_held_against_a_wafer(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT.replace("hidden_size: 2048", "hidden_size: 16384"), devices=1)
    assert plan.workload.training.hardware.memory is None
    assert plan.training is None or plan.training.fits is None
