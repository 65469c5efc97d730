"""What would fit of a deployment: never what it already is."""

from __future__ import annotations

import pytest

from planner.plan.fixes import limits
from planner.plan.model import model_plan
from planner.plan.serving import case, work_out
from planner.workload import Engine, Hardware, Model, Serving

GIB = 1 << 30
CARD = Hardware("RTX 4090", 1, int(23.5 * GIB), 24 * GIB)
QWEN_3_4B = {
    "model_type": "qwen3", "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36,
    "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
    "max_position_embeddings": 40960, "torch_dtype": "bfloat16", "tie_word_embeddings": True,
}  # fmt: skip


@pytest.mark.parametrize(("ranks", "stages", "offered"), [(1, 1, []), (2, 1, ["1"]), (1, 2, ["1"])])
def test_fewer_devices_are_offered_where_there_are_more(ranks: int, stages: int, offered: list[str]) -> None:
    model, _ = model_plan(Model(config=QWEN_3_4B), "vllm")
    assert model is not None
    stated = Serving(
        engine=Engine("vllm"), hardware=CARD, context=8192, tensor_parallel=ranks, pipeline_parallel=stages
    )
    deployment = case(stated, model)
    found = limits(deployment, work_out(deployment))
    assert [fix.value for fix in found if fix.what == "tensor_parallel"] == offered
