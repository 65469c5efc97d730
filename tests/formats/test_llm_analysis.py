"""Model configs of llm-analysis: the name says which model it is, its widths do not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

LLAMA = {
    "name": "NousResearch_Llama-2-7b-hf", "num_layers": 32, "n_head": 32, "hidden_dim": 4096, "vocab_size": 32000,
    "max_seq_len": 4096, "num_key_value_heads": 32, "ffn_embed_dim": 16384, "model_type": "llama",
}  # fmt: skip


@pytest.mark.parametrize("key", ["name", "n_head", "hidden_dim", "model_type"])
def test_other_files_are_left_alone(plans_of: PlansOf, key: str) -> None:
    data = {name: value for name, value in LLAMA.items() if name != key}
    assert not [plan for plan in plans_of(json.dumps(data), "x.json") if plan.workload.format == "llm-analysis"]


def test_the_width_is_that_of_the_checkpoint(plans_of: PlansOf) -> None:
    (plan,) = plans_of(json.dumps(LLAMA), "llama.json")
    assert plan.model
    assert plan.model.total == 6_738_415_616


def test_a_model_that_nobody_knows_is_not_checked(plans_of: PlansOf) -> None:
    (plan,) = plans_of(json.dumps({**LLAMA, "name": "our_own"}), "own.json")
    assert plan.model is None
    assert "our/own is neither in the catalogue nor a file" in plan.not_checked[0].because


@pytest.mark.parametrize("name", ["", 7, None, ["x"], "a" * 10_000, "../..", "${NAME}", "\x00"])
def test_hostile_names_crash_nothing(plans_of: PlansOf, name: object) -> None:
    plans_of(json.dumps({**LLAMA, "name": name}), "x.json")
