"""prime-rl's configs. Expected values are those of prime_rl/configs in its repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan
from planner.workload import Companion

PlansOf = Callable[..., list[Plan]]

SFT = """
max_steps = 5
[deployment]
num_train_gpus = 2
[model]
name = "Qwen/Qwen3-0.6B"
[data]
name = "PrimeIntellect/Reverse-Text-SFT"
batch_size = 4
seq_len = 1024
"""
RL = """
max_steps = 20
seq_len = 2048
[model]
name = "Qwen/Qwen3-0.6B"
[orchestrator]
batch_size = 128
group_size = 16
[trainer.optim]
type = "sign_sgd"
[trainer.model]
cp = 4
optim_cpu_offload = false
[trainer.model.ac]
mode = "selective"
[trainer.model.lora]
rank = 8
[deployment]
type = "multi_node"
num_train_nodes = 2
[inference.vllm]
gpu_memory_utilization = 0.5
"""


@pytest.mark.parametrize(
    "text",
    [
        '[model]\nname = "a"\n[data]\npath = "b"\n[optim]\nlr = 1',
        "[model]\nname = 3\n[data]\nseq_len = 1\n[optim]\nlr = 1",
        '[tool.orchestrator]\nmodel = "a"',
        'orchestrator = "kubernetes"\nmodel = "a"',
        '[model]\nname = "a"\n[data]\nseq_len = 1',
    ],
    ids=["no batches", "a name that is none", "deeper down", "a word", "nothing around it"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text, "run.toml") == []


def test_fine_tuning_has_no_fused_head_and_states_in_the_host(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SFT, "sft.toml")
    run = plan.workload.training
    assert (run.stage, run.algorithm, run.steps, run.hardware.count) == ("finetune", None, 5, 2)
    assert (run.sequence_length, run.micro_batch_size, run.global_batch_size) == (1024, 1, 4)
    assert (run.precision, run.optimizer, run.cross_entropy) == ("bf16-mixed", "adamw", "standard")
    assert (run.offload, run.activation_checkpointing, run.kernels) == ("optimizer", "offloaded", "fused")
    for field in ("micro_batch_size", "optimizer"):
        assert plan.workload.origins[f"training.{field}"].note == "prime-rl's default"
    assert plan.tokens.verdict == "not-applicable"


def test_reinforcement_learning_trains_packed_rollouts(plans_of: PlansOf) -> None:
    (plan,) = plans_of(RL, "rl.toml")
    run = plan.workload.training
    assert (run.stage, run.algorithm, run.reference_model, run.rollout) == ("rl", "grpo", Companion("none"), None)
    assert (run.sequence_length, run.micro_batch_size, run.global_batch_size) == (2048, 1, None)
    assert (run.method, run.lora.rank, run.context_parallel, run.hardware.count) == ("lora", 8, 4, 16)
    assert (run.optimizer, run.cross_entropy, run.offload) == ("sgd", "fused", "none")


def test_what_toml_cannot_leave_out_is_turned_off_by_name(plans_of: PlansOf) -> None:
    off = SFT.replace(
        'name = "Qwen/Qwen3-0.6B"', 'name = "Qwen/Qwen3-0.6B"\nac = "None"\nac_offloading = "None"\ncompile = "None"'
    )
    run = plans_of(off, "sft.toml")[0].workload.training
    assert (run.activation_checkpointing, run.kernels) == ("none", "eager")


def test_places_are_those_of_the_file(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SFT, "sft.toml")
    origin = plan.workload.origins["training.sequence_length"]
    assert plan.workload.document.span(origin.path).line == 10
