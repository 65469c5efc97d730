"""OLMo's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

FIRST = """
run_name: OLMo-7B
model:
  d_model: 4096
  n_heads: 32
  n_layers: 32
  mlp_hidden_size: 22016
  weight_tying: false
  rope: true
  include_bias: false
  layer_norm_with_affine: false
  bias_for_layer_norm: false
  activation_type: swiglu
  max_sequence_length: 2048
  vocab_size: 50280
  embedding_size: 50304
load_path: null
max_duration: 2e12T
global_train_batch_size: 2048
device_train_microbatch_size: 2
precision: amp_bf16
fsdp: {wrapping_strategy: by_block}
"""
SECOND = """
model:
  d_model: 2048
  n_heads: 16
  n_layers: 16
  mlp_ratio: 8
  weight_tying: false
  attention_layer_norm: true
  norm_after: true
  include_bias: false
  activation_type: swiglu
  layer_norm_type: rms
  layer_norm_with_affine: true
  rope: true
  max_sequence_length: 4096
  vocab_size: 100278
  embedding_size: 100352
max_duration: 4e12T
global_train_batch_size: 512
"""


@pytest.mark.parametrize(
    "text",
    [
        "model: {d_model: 512, n_heads: 8, n_layers: 6}\nepochs: 3",
        "model: {d_model: 512, n_heads: 8}\nmax_duration: 5ep",
        "model: gpt2\nmax_duration: 1",
    ],
    ids=["a transformer of one's own", "sizes that are not all there", "a model by name"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


@pytest.mark.parametrize(
    ("text", "parameters", "tokens"),
    [(FIRST, 6_888_095_744, 2 * 10**12), (SECOND, 1_484_916_736, 4 * 10**12)],
    ids=["OLMo 7B", "OLMo 2 1B"],
)
def test_a_released_model_is_counted_as_released(plans_of: PlansOf, text: str, parameters: int, tokens: int) -> None:
    (plan,) = plans_of(text)
    assert (plan.model.total, plan.tokens.planned) == (parameters, tokens)
    assert plan.tokens.verdict == "overtrained"


def test_a_bare_number_is_steps(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FIRST.replace("2e12T", "515"))
    assert plan.tokens.planned == 515 * 2048 * 2048


def test_a_stage_on_a_checkpoint_is_not_judged(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FIRST.replace("load_path: null", "load_path: /runs/step928646").replace("2e12T", "50e9T"))
    assert plan.workload.training.stage == "continued-pretrain"
    assert plan.tokens.verdict == "not-applicable"


def test_an_epoch_of_unknown_data_says_what_is_missing(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FIRST.replace("2e12T", "1ep"))
    assert plan.tokens.planned is None
    assert [item.what for item in plan.not_checked if "unique_tokens" in item.because] == ["tokens"]
