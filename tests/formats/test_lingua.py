"""Lingua's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

LLAMA = """
name: llama_7b
steps: 100_000
grad_acc_steps: 1
optim: {lr: 1.0e-3}
distributed: {fsdp_type: full_shard, model_dtype: bf16, tp_size: 1}
model: {dim: 4096, n_layers: 32, n_heads: 32, ffn_dim_multiplier: 1.0, multiple_of: 256, vocab_size: 32000}
data: {batch_size: 2, seq_len: 4096, tokenizer: {name: tiktoken, path: tokenizers/own.tiktoken}}
checkpoint: {dump: {every: 10000}}
"""


@pytest.mark.parametrize(
    "text",
    [
        "steps: 5\nmodel: {n_layers: 3, dim: 4}\ndata: {seq_len: 4}",
        "steps: 5\noptim: {}\nmodel: {n_layers: 3}\ndata: {seq_len: 4}",
    ],
    ids=["no optimizer", "no width"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_llama_7b_has_the_width_that_its_factors_make(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA)
    assert plan.model is not None
    assert plan.model.total == 6_738_415_616


def test_on_256_devices_it_sees_210_billion_tokens(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA, devices=256)
    assert plan.tokens is not None
    assert plan.tokens.planned == 100_000 * 2 * 256 * 4096
    assert plan.tokens.verdict == "ok"


def test_without_its_devices_nothing_is_guessed(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA)
    assert plan.tokens is not None and plan.tokens.planned is None
    assert any("number of devices" in item.because for item in plan.not_checked)


def test_a_tokenizer_of_ones_own_leaves_the_size_open(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA.replace(", vocab_size: 32000", ""))
    assert plan.model is None
    assert any("vocabulary" in item.because for item in plan.not_checked)


def test_a_first_checkpoint_is_continued(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA.replace("checkpoint: {", "checkpoint: {init_ckpt_path: runs/a, "))
    assert plan.workload.training is not None
    assert plan.workload.training.stage == "continued-pretrain"
