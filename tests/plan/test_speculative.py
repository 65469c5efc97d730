"""Speculative decoding: what the draft adds to weights and cache."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog import models
from planner.plan.model import model_plan
from planner.plan.serving import case, work_out
from planner.plan.speculative import draft
from planner.plan.types import ModelPlan, ServingPlan
from planner.workload import Engine, Model, Serving

GIB = 1 << 30


def plan_of(name: str) -> ModelPlan:
    row = models.find(name)
    assert row is not None
    found, _ = model_plan(Model(name, row.config, "catalogue", dtype="bfloat16"), "vllm")
    assert found is not None
    return found


def serve(name: str, ranks: int, context: int, engine: str = "vllm", **options: object) -> ServingPlan:
    serving = Serving(Engine(engine), context, tensor_parallel=ranks, engine_args=options)
    return work_out(case(serving, plan_of(name)))


SMALL = "Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"speculative_config": None},
        {"speculative_config": {"method": "ngram", "num_speculative_tokens": 4}},
        {"speculative_config": '{"method": "suffix"}'},
        {"speculative_config": "{broken"},
        {"speculative_model": "[ngram]"},
    ],
)
def test_a_draft_without_a_model_takes_nothing(options: dict[str, object]) -> None:
    assert draft(options, plan_of(SMALL), 1) is None


def test_a_draft_model_keeps_a_cache_of_its_own() -> None:
    """vLLM on two devices: "27.0 GiB KV cache is needed" for 131,072 tokens of Llama 70B with a draft of 3B, 20 + 7."""
    name, options = "meta-llama/Llama-3.1-70B-Instruct", {"model": "meta-llama/Llama-3.2-3B-Instruct"}
    assert serve(name, 2, 131_072).sequence_bytes == 20 * GIB
    drafted = serve(name, 2, 131_072, speculative_config=options)
    assert drafted.sequence_bytes == 27 * GIB
    weights = drafted.per_device.weights, serve(name, 2, 131_072).per_device.weights
    assert weights[0] is not None
    assert weights[1] is not None
    assert (weights[0] - weights[1]) / GIB == pytest.approx(3.21e9 * 2 / 2 / GIB, rel=0.01)


@pytest.mark.parametrize(
    ("engine", "options"),
    [
        ("vllm", {"speculative_config": {"method": "mtp", "num_speculative_tokens": 1}}),
        ("vllm", {"speculative_config": '{"method": "deepseek_mtp"}'}),
        ("vllm", {"speculative_config": {"method": "mtp", "model": "deepseek-ai/DeepSeek-V3"}}),
        ("sglang", {"speculative_algorithm": "EAGLE"}),
        ("sglang", {"speculative_algorithm": "NEXTN"}),
    ],
)
def test_layers_for_further_tokens_are_loaded_for_it(engine: str, options: dict[str, object]) -> None:
    """DeepSeek-V3's release: 11.5B parameters of its own in FP8; one layer more in the cache, 62 for 61."""
    name = "deepseek-ai/DeepSeek-V3"
    with_it, without = serve(name, 8, 8192, engine, **options), serve(name, 8, 8192, engine)
    weights = with_it.per_device.weights, without.per_device.weights
    assert weights[0] is not None
    assert weights[1] is not None
    assert (weights[0] - weights[1]) * 8 == pytest.approx(11.5e9, rel=0.03)
    assert with_it.sequence_bytes is not None
    assert without.sequence_bytes is not None
    assert with_it.sequence_bytes * 61 == without.sequence_bytes * 62


@pytest.mark.parametrize(
    "options",
    [
        {"speculative_config": {"method": "eagle3", "model": "someone/unknown-eagle3"}},
        {"speculative_config": {"method": "qwen3_next_mtp"}},
        {"speculative_draft_model_path": "/models/draft"},
    ],
)
def test_an_unknown_draft_is_said_not_guessed(options: dict[str, object]) -> None:
    found = draft(options, plan_of(SMALL), 1)
    assert found is not None
    assert (found.weights, found.layers) == (0, ())
    assert "not" in found.note
    assert "counted" in found.note


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["method", "model", "x"]), inner),
    max_leaves=5,
)
QWEN = plan_of(SMALL)


@given(VALUES, VALUES, VALUES)
def test_nonsense_never_crashes(config: object, method: object, name: object) -> None:
    draft({"speculative_config": config, "speculative_algorithm": method, "speculative_model": name}, QWEN, 2)
