"""GPT-NeoX' runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

PYTHIA = """
{
   "pipe-parallel-size": 1,
   "model-parallel-size": 1,
   "num-layers": 6,
   "hidden-size": 512,
   "num-attention-heads": 8,
   "seq-length": 2048,
   "max-position-embeddings": 2048,
   "pos-emb": "rotary",
   "no-weight-tying": true,
   "gpt-j-residual": true,
   "optimizer": {"type": "Adam", "params": {"lr": 0.001}},
   "zero_optimization": {"stage": 1},
   "train_micro_batch_size_per_gpu": 32,
   "gradient_accumulation_steps": 1,
   "train-iters": 143000,
   "tokenizer-type": "HFTokenizer",
   "vocab-file": "/data/20B_tokenizer.json",
   "fp16": {"enabled": true},
}
"""
LARGE = """
pipe_parallel_size: 4
model_parallel_size: 2
num_layers: 44
hidden_size: 6144
num_attention_heads: 64
seq_length: 2048
max_position_embeddings: 2048
pos_emb: rotary
no_weight_tying: true
vocab_file: ./20B_checkpoints/20B_tokenizer.json
tokenizer_type: HFTokenizer
save: ./20B_checkpoints
load: ./20B_checkpoints
train_iters: 150000
train_micro_batch_size_per_gpu: 4
gradient_accumulation_steps: 32
"""


@pytest.mark.parametrize(
    "text",
    [
        "peft_type: PROMPT_TUNING\nnum_layers: 12\nnum_attention_heads: 12\nhidden_size: 768\nnum_parallel: 1",
        "num_layers: 12\nhidden_size: 768\nnum_attention_heads: 12\nmodel_parallel_size: 2",
        "num_layers: 2\nhidden_size: 64\nparallel: yes",
    ],
    ids=["an adapter", "one key that others have as well", "a network of another kind"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


@pytest.mark.parametrize(
    ("text", "parameters"),
    [(PYTHIA, 70_426_624), (LARGE, 20_554_567_680)],
    ids=["Pythia 70M with hyphens", "GPT-NeoX-20B with underscores"],
)
def test_a_released_model_is_counted_as_released(plans_of: PlansOf, text: str, parameters: int) -> None:
    (plan,) = plans_of(text)
    assert plan.model is not None
    assert plan.model.total == parameters


def test_the_devices_are_asked_for(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LARGE)
    assert plan.tokens is not None and plan.tokens.planned is None
    assert any("number of devices" in item.because for item in plan.not_checked)


def test_with_96_devices_gpt_neox_20b_sees_its_472_billion_tokens(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LARGE, devices=96)
    assert plan.tokens is not None
    assert plan.tokens.planned == 471_859_200_000
    assert plan.tokens.verdict == "ok"


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ("", "pretrain"),
        ("finetune: true\n", "finetune"),
        ("train_impl: dpo\n", "preference"),
    ],
    ids=["its own checkpoints", "a checkpoint to tune", "preferences"],
)
def test_pre_training_is_what_loads_only_its_own(plans_of: PlansOf, line: str, stage: str) -> None:
    (plan,) = plans_of(LARGE + line)
    assert plan.workload.training is not None
    assert plan.workload.training.stage == stage


def test_a_checkpoint_of_another_run_is_continued(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LARGE.replace("load: ./20B_checkpoints", "load: ./other"))
    assert plan.workload.training is not None
    assert plan.workload.training.stage == "continued-pretrain"
