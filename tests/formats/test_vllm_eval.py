"""Evaluations that say what a server is started with."""

from __future__ import annotations

import pytest

from planner.formats import vllm_eval
from planner.formats.context import Context
from planner.source.document import Document


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"model_name": "a/b", "tasks": []}, id="without a server"),
        pytest.param({"model_name": "a/b", "server_args": {"port": 1}}, id="arguments in a mapping"),
        pytest.param({"server_args": "--port 1"}, id="without a model"),
        pytest.param(None, id="nothing"),
    ],
)
def test_other_files_are_not_its_business(data: object) -> None:
    assert not vllm_eval.recognise(Document("x.yaml", data=data))


def test_the_server_is_a_deployment_of_the_model() -> None:
    arguments = "--max-model-len 4096 --data-parallel-size 2\n--enable-expert-parallel"
    document = Document("x.yaml", data={"model_name": "Qwen/Qwen3-8B", "server_args": arguments})
    assert vllm_eval.recognise(document)
    (found,) = vllm_eval.read(document, Context(lambda _: None))
    assert found.model is not None
    assert found.model.name == "Qwen/Qwen3-8B"
    assert found.serving is not None
    assert (found.serving.context, found.serving.data_parallel, found.serving.tensor_parallel) == (4096, 2, 1)
    assert found.serving.engine_args == {"enable_expert_parallel": True}
    assert found.origins["model.name"].path == ("model_name",)
    assert found.origins["deployment.context"].path == ("server_args",)
