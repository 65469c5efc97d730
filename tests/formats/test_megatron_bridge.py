"""Megatron Bridge's overrides of Python recipes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

RUN = """
train: {train_iters: 100, global_batch_size: 8, micro_batch_size: 1}
model: {seq_length: 4096, tensor_model_parallel_size: 2, recompute_granularity: full}
checkpoint: {save: /tmp/a}
"""


@pytest.mark.parametrize(
    "text",
    [
        RUN.replace("checkpoint", "chickpeas"),
        RUN.replace("train_iters", "steps"),
        RUN.replace("seq_length", "length").replace("tensor_model_parallel_size", "tp"),
    ],
    ids=["nothing around it", "no iterations", "a model of another kind"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert [plan for plan in plans_of(text) if plan.workload.format == "megatron-bridge"] == []


def test_the_recipe_has_the_model(plans_of: PlansOf) -> None:
    (plan,) = plans_of(RUN)
    run = plan.workload.training
    assert plan.model is None
    assert (run.steps, run.global_batch_size, run.sequence_length, run.tensor_parallel) == (100, 8, 4096, 2)
    assert (run.stage, run.activation_checkpointing) == (None, "full")
    assert "recipe" in plan.not_checked[0].because


def test_a_checkpoint_that_is_tuned(plans_of: PlansOf) -> None:
    text = RUN.replace("save: /tmp/a", "finetune: true, pretrained_checkpoint: /tmp/b")
    assert plans_of(text)[0].workload.training.stage == "finetune"
