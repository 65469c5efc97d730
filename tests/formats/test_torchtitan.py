"""torchtitan's TOML. Expected values are those of torchtitan/config/job_config.py and its models."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

LLAMA = """
[model]
name = "llama3"
flavor = "405B"
[optimizer]
name = "AdamW"
[training]
local_batch_size = 2
seq_len = 8192
steps = 3000
[parallelism]
data_parallel_shard_degree = -1
tensor_parallel_degree = 8
[activation_checkpoint]
mode = "full"
[compile]
enable = true
components = ["model", "loss"]
"""


@pytest.mark.parametrize(
    "text",
    [
        '[model]\nname = "a"\n[training]\nsteps = 1\n[optimizer]\nlr = 1',
        '[model]\nflavor = "vanilla"\nname = "a"\n[shop]\ntraining = 1',
        'flavor = "a"\ntraining = "b"',
    ],
    ids=["no flavor", "no run", "words"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text, "a.toml") == []


def test_a_flavor_is_a_model(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA, "llama3_405b.toml")
    run = plan.workload.training
    assert plan.model.total == 405_853_388_800
    assert (run.sequence_length, run.micro_batch_size, run.steps) == (8192, 2, 3000)
    assert (run.tensor_parallel, run.shard_degree, run.hardware) == (8, None, None)
    assert (run.precision, run.optimizer, run.optimizer_implementation) == ("bf16-mixed", "adamw", "fused")
    assert (run.activation_checkpointing, run.kernels) == ("full", "fused")


def test_what_is_not_stated_is_torchtitans_default(plans_of: PlansOf) -> None:
    (plan,) = plans_of(
        '[model]\nname = "llama3"\nflavor = "8B"\n[optimizer]\nlr = 1\n[training]\ndataset = "c4"', "a.toml"
    )
    run = plan.workload.training
    assert (run.micro_batch_size, run.sequence_length, run.steps) == (8, 2048, 10_000)
    assert plan.workload.origins["training.steps"].note == "torchtitan's default"


@pytest.mark.parametrize(
    ("name", "flavor", "total"),
    [("deepseek_v3", "16B", 15_706_484_224), ("qwen3", "0.6B", 596_049_920), ("llama3", "debugmodel", None)],
)
def test_flavors_of_others(plans_of: PlansOf, name: str, flavor: str, total: int | None) -> None:
    (plan,) = plans_of(LLAMA.replace("llama3", name).replace("405B", flavor), "a.toml")
    assert (plan.model.total if plan.model else None) == total


def test_steps_of_an_example_are_no_evidence_of_training(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LLAMA, "a.toml", devices=64)
    assert plan.tokens.verdict == "unknown"
