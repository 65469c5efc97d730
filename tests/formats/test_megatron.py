"""Megatron-LM's arguments in YAML."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

LLAMA = """
ENV_VARS: {CUDA_DEVICE_MAX_CONNECTIONS: 1}
MODEL_ARGS:
  --num-layers: 32
  --hidden-size: 4096
  --ffn-hidden-size: 14336
  --num-attention-heads: 32
  --group-query-attention: true
  --num-query-groups: 8
  --swiglu: true
  --disable-bias-linear: true
  --normalization: RMSNorm
  --untie-embeddings-and-output-weights: true
  --position-embedding-type: rope
  --seq-length: 8192
  --max-position-embeddings: 8192
  --tokenizer-type: HuggingFaceTokenizer
  --tokenizer-model: meta-llama/Meta-Llama-3-8B
  --micro-batch-size: 1
  --global-batch-size: 128
  --train-iters: 50000
  --bf16: true
  --tensor-model-parallel-size: 2
  --use-distributed-optimizer: true
"""
SECTIONS = """
language_model: {num_layers: 24, hidden_size: 1024, num_attention_heads: 16, ffn_hidden_size: null}
model_parallel: {tensor_model_parallel_size: 1, pipeline_model_parallel_size: 2}
tokenizer_type: GPT2BPETokenizer
micro_batch_size: 2
global_batch_size: 128
train_iters: 1000
seq_length: 4096
max_position_embeddings: 4096
"""


@pytest.mark.parametrize(
    "text",
    [
        "MODEL_ARGS: {--name: x, --hidden-size: 3}",
        "--hidden-size: 4",
        "language_model: qwen\nmodel_parallel: 2\nhidden_size: 4",
    ],
    ids=["arguments of something else", "a single flag", "words in place of sections"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_llama_3_8b_is_counted_with_its_vocabulary_padded(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA)
    assert plan.model is not None and plan.tokens is not None
    assert plan.model.total == 8_030_261_248
    assert plan.tokens.planned == 50_000 * 128 * 8192


def test_samples_are_tokens_too(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA.replace("--train-iters: 50000", "--train-samples: 19531250"))
    assert plan.tokens is not None
    assert plan.tokens.planned == 19_531_250 * 8192


def test_the_sections_of_a_yaml_config_are_read(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SECTIONS)
    assert plan.model is not None and plan.workload.training is not None
    assert plan.model.total == pytest.approx(355e6, rel=0.02)
    assert plan.workload.training.pipeline_parallel == 2


@pytest.mark.parametrize(
    ("lines", "stage"),
    [
        ("", "pretrain"),
        ("  --save: /runs/a\n  --load: /runs/a\n", "pretrain"),
        ("  --save: /runs/a\n  --load: /runs/b\n", "continued-pretrain"),
        ("  --load: ${CHECKPOINT}\n", None),
        ("  --finetune: true\n", "finetune"),
        ("  --perform-rl-step: true\n", "rl"),
    ],
    ids=["nothing loaded", "its own", "another run's", "a variable", "tuning", "reinforcement learning"],
)
def test_the_stage_is_told_by_what_is_loaded(plans_of: PlansOf, lines: str, stage: str | None) -> None:
    (plan,) = plans_of(LLAMA + lines)
    assert plan.workload.training is not None
    assert plan.workload.training.stage == stage


def test_an_inference_is_no_training(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA.replace("--train-iters: 50000", "--num-tokens-to-generate: 30"))
    assert plan.workload.training is None


def test_an_unknown_vocabulary_is_said(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA.replace("meta-llama/Meta-Llama-3-8B", "${DATA_PATH}/tokenizer.model"))
    assert plan.model is None
    assert any("vocabulary" in item.because for item in plan.not_checked)
