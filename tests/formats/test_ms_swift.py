"""ms-swift's runs. Defaults are those of swift/arguments and swift/megatron/arguments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

SFT = """
model: Qwen/Qwen2.5-7B-Instruct
tuner_type: lora
torch_dtype: bfloat16
dataset: ['AI-ModelScope/alpaca-gpt4-data-en#500']
split_dataset_ratio: 0.0
max_length: 2048
num_train_epochs: 1
deepspeed: zero2
"""
GRPO = """
rlhf_type: grpo
model: Qwen/Qwen2.5-7B-Instruct
dataset: x
micro_batch_size: 2
global_batch_size: 16
max_length: 4096
max_completion_length: 1024
split_dataset_ratio: 0
beta: 0
use_vllm: true
colocate_groups: [[train, rollout]]
sleep_level: 1
train: {gpus: 4, tuner_type: lora, lora_rank: 8, tensor_model_parallel_size: 2}
rollout: {gpus: 4, vllm_gpu_memory_utilization: 0.4, vllm_tensor_parallel_size: 1}
"""


@pytest.mark.parametrize("text", ["model: x\ndataset: y\nmax_length: 3", "dataset: y\ntuner_type: lora\nmax_length: 3"])
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_an_adapter_over_a_sharding_that_comes_with_ms_swift(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SFT)
    run = plan.workload.training
    assert (run.method, run.lora.rank, run.lora.targets, run.lora.dropout) == ("lora", 8, "all-linear", 0.05)
    assert (run.sharding, run.activation_checkpointing, run.micro_batch_size) == ("zero2", "full", 1)
    assert plan.workload.problems == ()
    assert plan.tokens.verdict == "not-applicable"


def test_groups_that_share_devices(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GRPO)
    run = plan.workload.training
    assert (run.stage, run.algorithm, run.framework, run.sequence_length) == ("rl", "grpo", "megatron", 5120)
    assert (run.hardware.count, run.tensor_parallel, run.global_batch_size) == (4, 2, 16)
    assert (run.rollout.memory_utilization, run.rollout.sleeps) == (0.4, True)
    assert run.reference_model.place == "none"


def test_a_teacher_in_a_group_of_its_own(plans_of: PlansOf) -> None:
    text = GRPO.replace("grpo", "gkd") + "teacher: {gpus: 4, model: Qwen/Qwen3-4B}"
    teacher = plans_of(text)[0].workload.training.teacher_model
    assert (teacher.place, teacher.model.name) == ("elsewhere", "Qwen/Qwen3-4B")
