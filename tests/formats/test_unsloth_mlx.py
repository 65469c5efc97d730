"""Runs of Unsloth's studio and of mlx-lm."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.memory.training import lora, partial
from planner.plan.training_step import filled
from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

STUDIO = """
model: unsloth/Qwen2.5-0.5B
data: {dataset: x}
training: {training_type: lora, max_seq_length: 2048, load_in_4bit: true, batch_size: 2,
           gradient_accumulation_steps: 4, max_steps: 0, num_epochs: 1, gradient_checkpointing: "unsloth"}
lora: {lora_r: 64, lora_dropout: 0.0, target_modules: "q_proj,k_proj,v_proj"}
logging: {enable_wandb: false}
"""
MLX = """
model: Qwen/Qwen3-4B
train: true
fine_tune_type: lora
iters: 600
val_batches: 25
steps_per_eval: 200
adapter_path: adapters
lora_parameters: {keys: ["self_attn.q_proj"], rank: 16, dropout: 0.0}
"""


@pytest.mark.parametrize(
    "text",
    [
        "training: {max_seq_length: 8}\nlora: {r: 8}",
        "training: {batch_size: 8}\nlora: {lora_r: 8}",
        "model: x\niters: 3\nval_batches: 4\nlora_parameters: {}",
    ],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_the_studio(plans_of: PlansOf) -> None:
    (plan,) = plans_of(STUDIO)
    run = plan.workload.training
    assert (run.framework, run.method, run.lora.rank) == ("unsloth", "qlora", 64)
    assert run.lora.targets == ("q_proj", "k_proj", "v_proj")
    assert (run.steps, run.epochs, run.activation_checkpointing) == (None, 1.0, "offloaded")


def test_defaults_for_a_model_name_none(plans_of: PlansOf) -> None:
    (plan,) = plans_of(STUDIO.replace("model: unsloth/Qwen2.5-0.5B\n", ""))
    assert any("no model is named" in item.because for item in plan.not_checked)


def test_mlx(plans_of: PlansOf) -> None:
    """CONFIG_DEFAULTS of mlx_lm/lora.py: batch_size 4, max_seq_length 2048, adam, no checkpointing."""
    (plan,) = plans_of(MLX)
    run = plan.workload.training
    assert (run.micro_batch_size, run.sequence_length, run.steps, run.optimizer) == (4, 2048, 600, "adam")
    assert (run.lora.rank, run.lora.targets, run.activation_checkpointing) == (16, ("self_attn.q_proj",), "none")


def test_mlx_that_tests_is_no_run(plans_of: PlansOf) -> None:
    assert plans_of(MLX.replace("train: true", "train: false"))[0].workload.training is None


@pytest.mark.parametrize(("more", "carriers"), [("", 16), ("num_layers: 4", 4), ("num_layers: -1", 28)])
def test_mlx_puts_adapters_on_the_last_layers(plans_of: PlansOf, more: str, carriers: int) -> None:
    """mlx_lm/tuner/utils.py: linear_to_lora_layers; 16 layers by default, -1 for the 28 of Qwen2.5 1.5B."""
    text = "model: Qwen/Qwen2.5-1.5B\ntrain: true\niters: 9\nadapter_path: a\nsave_every: 3\nval_batches: 1\n"
    (plan,) = plans_of(text + f"lora_parameters: {{keys: [self_attn.q_proj], rank: 16}}\n{more}\n")
    step = filled(plan.workload.training, plan.model).step
    assert lora.parameters(step) == carriers * 16 * (1536 + 1536)
    assert partial.first(step) == 28 - carriers


def test_mlx_trains_the_last_layers_in_full(plans_of: PlansOf) -> None:
    text = "model: Qwen/Qwen2.5-1.5B\ntrain: true\niters: 9\nadapter_path: a\nsave_every: 3\nfine_tune_type: full\n"
    (plan,) = plans_of(text)
    assert (plan.workload.training.method, plan.workload.training.trainable_layers) == ("freeze", 16)
    (plan,) = plans_of(text + "num_layers: -1\n")
    assert plan.workload.training.method == "full"
