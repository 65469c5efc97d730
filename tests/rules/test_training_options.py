"""CFG013: what must stay silent, and which pairs are named."""

from __future__ import annotations

from typing import Any

import pytest

from planner.plan.model import model_plan
from planner.plan.types import Plan
from planner.rules.registry import Violation
from planner.rules.training_options import training_options_contradict
from planner.source.document import Document
from planner.workload import Lora, Model, Training, Workload

DOCUMENT: Document = None  # type: ignore[assignment]  # rules never look at the text


def found(**training: Any) -> list[Violation]:
    workload = Workload(DOCUMENT, "native", "w", None, None, Training(**training))
    return list(training_options_contradict(Plan(workload, None, None, None, None)))


@pytest.mark.parametrize(
    "training",
    [
        pytest.param({}, id="nothing is stated"),
        pytest.param({"sequence_parallel": True}, id="tensor parallelism may be stated elsewhere"),
        pytest.param({"sequence_parallel": True, "tensor_parallel": 8}, id="devices share layers"),
        pytest.param({"sequence_parallel": False, "tensor_parallel": 1}, id="it is off"),
        pytest.param({"virtual_pipeline": 2, "pipeline_parallel": 4}, id="interleaved stages of a pipeline"),
        pytest.param({"virtual_pipeline": 1}, id="one group of layers is no interleaving"),
        pytest.param({"method": "lora", "lora": Lora(16)}, id="an adapter is trained"),
        pytest.param({"method": "full", "lora": Lora()}, id="an adapter without a rank is none"),
        pytest.param({"optimizer_in_backward": True, "gradient_accumulation": 1}, id="nothing is accumulated"),
        pytest.param({"offload": "parameters", "sharding": "zero3"}, id="sharded parameters can move"),
        pytest.param({"offload": "parameters"}, id="sharding may be stated elsewhere"),
        pytest.param({"offload": "optimizer", "sharding": "zero2"}, id="states can move"),
    ],
)
def test_silent(training: dict[str, Any]) -> None:
    assert found(**training) == []


@pytest.mark.parametrize(
    ("training", "field", "words"),
    [
        ({"sequence_parallel": True, "tensor_parallel": 1}, "sequence_parallel", "no devices share a layer"),
        ({"virtual_pipeline": 2, "pipeline_parallel": 1}, "virtual_pipeline", "is 2, but there is one pipeline stage"),
        ({"method": "full", "lora": Lora(16)}, "lora", "every weight is trained"),
        ({"optimizer_in_backward": True, "gradient_accumulation": 8}, "optimizer_in_backward", "8 micro-batches"),
        ({"offload": "parameters", "sharding": "zero2"}, "offload", "with zero2 every device holds all"),
    ],
)
def test_said(training: dict[str, Any], field: str, words: str) -> None:
    [violation] = found(**training)
    assert violation.field == f"training.{field}"
    assert words in violation.message


@pytest.mark.parametrize(("stages", "groups", "said"), [(4, 2, False), (3, None, True), (4, 3, True)])
def test_megatron_deals_layers_out_evenly(stages: int, groups: int | None, said: bool) -> None:
    config = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 32, "num_attention_heads": 2}
    model, _ = model_plan(Model(config=config, source="inline"))
    run = Training(framework="megatron", pipeline_parallel=stages, virtual_pipeline=groups)
    plan = Plan(Workload(DOCUMENT, "native", "w", None, None, run), model, None, None, None)
    assert [violation.field for violation in training_options_contradict(plan)] == (
        ["training.pipeline_parallel"] if said else []
    )
