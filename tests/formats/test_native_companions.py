"""Keys of the native config for models and engines beside the one that is trained."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import native
from planner.formats.context import Context
from planner.workload import Companion, Rollout, Training, Workload


def read(training: str) -> Workload:
    text = f"model: {{parameters: 7B}}\ntraining:\n  stage: rl\n  micro_batch_size: 1\n{training}"
    found = source.read("planner.yaml", text.encode())
    assert found is not None
    [workload] = native.read(found.documents[0], Context(source.read))
    return workload


def section(training: str) -> Training:
    workload = read(training)
    assert workload.problems == ()
    assert workload.training is not None
    return workload.training


def test_nothing_stated_is_not_the_same_as_none() -> None:
    assert section("").reference_model is None
    assert section("  reference_model: false").reference_model == Companion("none")
    assert section("  reference_model:").reference_model is None


def test_true_is_a_model_as_large_as_the_trained_one() -> None:
    assert section("  critic: true").critic == Companion("device", None)


def test_a_name_is_looked_up() -> None:
    found = section("  reward_model: Qwen/Qwen2.5-7B").reward_model
    assert found is not None
    assert found.model is not None
    assert found.model.config is not None
    assert found.model.config["hidden_size"] == 3584


def test_a_mapping_says_size_dtype_and_place() -> None:
    found = section("  reward_model: {parameters: 2B, dtype: fp32, place: host}").reward_model
    assert found is not None
    assert (found.place, found.dtype) == ("host", "float32")
    assert found.model is not None
    assert found.model.parameters == 2_000_000_000


def test_the_engine_that_generates() -> None:
    text = "  rollout: {engine: vLLM, memory_utilization: 0.4, tensor_parallel: 2, sleeps: true}"
    assert section(text).rollout == Rollout("vllm", 0.4, 2, True)


def test_adapter_keys() -> None:
    lora = section("  lora: {rank: 8, dora: true, modules_to_save: [embed_tokens, lm_head]}").lora
    assert lora is not None
    assert lora.dora
    assert lora.modules_to_save == ("embed_tokens", "lm_head")


@pytest.mark.parametrize(
    "line",
    [
        "reference_model: 3",
        "reference_model: []",
        "critic: {place: moon}",
        "rollout: vllm",
        "rollout: {memory_utilization: 40}",
        "lora: {modules_to_save: [1]}",
        "packing: sometimes",
        "algorithm: [dpo]",
        "shard_degree: 0",
        "optimizer_dtype: twelve",
    ],
)
def test_other_values_are_findings_and_no_crash(line: str) -> None:
    workload = read(f"  {line}")
    assert [problem.rule for problem in workload.problems] == ["CFG007"]
