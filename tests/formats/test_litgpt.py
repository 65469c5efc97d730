"""LitGPT's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

TINY_LLAMA = """
model_name: tiny-llama-1.1b
model_config:
out_dir: out/pretrain
precision: bf16-mixed
initial_checkpoint_dir:
data: TinyLlama
train: {global_batch_size: 512, micro_batch_size: 4, max_tokens: 3000000000000, max_seq_length: 2048, max_steps: }
optimizer: {class_path: torch.optim.AdamW}
devices: auto
num_nodes: 1
"""
STORIES = """
model_name: stories15M
model_config:
  name: stories15M
  block_size: 256
  padded_vocab_size: 32000
  n_layer: 6
  n_head: 6
  n_query_groups: 6
  n_embd: 288
  bias: false
  norm_class_name: RMSNorm
  mlp_class_name: LLaMAMLP
  intermediate_size: 768
precision: bf16-mixed
train: {global_batch_size: 512, micro_batch_size: 128, max_tokens: 9.7e9, max_seq_length: 256, tie_embeddings: true}
"""
QLORA = """
checkpoint_dir: checkpoints/meta-llama/Llama-2-7b-hf
precision: bf16-true
quantize: bnb.nf4
devices: 2
num_nodes: 3
lora_r: 32
lora_query: true
lora_value: true
lora_mlp: false
train: {global_batch_size: 8, micro_batch_size: 2, epochs: 4, max_seq_length: 512}
"""


@pytest.mark.parametrize(
    "text",
    [
        "train: {micro_batch_size: 4}\nmodel_name: x",
        "precision: 16\ntrain: {batch_size: 4}\nmodel_name: micro_batch_size",
        "precision: 16\ntrain: {micro_batch_size: 4}\ndata: model_name",
    ],
    ids=["no precision", "no micro-batch", "nothing to train"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_tiny_llama_is_planned_as_it_was_trained(plans_of: PlansOf) -> None:
    (plan,) = plans_of(TINY_LLAMA)
    assert plan.model.total == 1_100_048_384
    assert plan.tokens.planned == 3 * 10**12
    assert plan.workload.training.hardware is None


def test_sizes_in_the_file_are_counted(plans_of: PlansOf) -> None:
    (plan,) = plans_of(STORIES)
    assert plan.model.total == pytest.approx(15.2e6, rel=0.001)
    assert plan.tokens.verdict == "overtrained"


def test_an_adapter_on_a_quantized_checkpoint(plans_of: PlansOf) -> None:
    (plan,) = plans_of(QLORA)
    run = plan.workload.training
    assert (run.stage, run.method, run.lora.rank, run.lora.targets) == ("finetune", "qlora", 32, ("q_proj", "v_proj"))
    assert run.hardware.count == 6
    assert plan.model.total == 6_738_415_616
    assert plan.tokens.verdict == "not-applicable"


def test_a_first_checkpoint_is_continued(plans_of: PlansOf) -> None:
    (plan,) = plans_of(TINY_LLAMA.replace("initial_checkpoint_dir:", "initial_checkpoint_dir: checkpoints/a"))
    assert plan.workload.training.stage == "continued-pretrain"


def test_an_unknown_model_is_said(plans_of: PlansOf) -> None:
    (plan,) = plans_of(TINY_LLAMA.replace("tiny-llama-1.1b", "my-own-1b"))
    assert plan.model is None
    assert any("my-own-1b" in item.because for item in plan.not_checked)
