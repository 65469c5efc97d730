"""Servers of language models that cannot be checked: they say why."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import registry
from planner.formats.context import Context
from planner.workload import Workload

POD = "apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{image}', command: {command}}}]}}"
SERVICE = "services:\n  llm: {{image: '{image}', command: {command}}}\n"


def read(text: str) -> list[Workload]:
    return list(registry.read(source.read("deployment.yaml", text.encode()), Context(lambda _: None)))


@pytest.mark.parametrize("template", [POD, SERVICE], ids=["a pod", "a service"])
@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("nvcr.io/nvidia/tritonserver:24.12-py3-sdk", "[genai-perf, --backend, tensorrtllm]"),
        ("nvcr.io/nvidia/tritonserver:22.01-py3", "[tritonserver, --model-repository=/data/resnet]"),
        ("ours/gateway", "[gateway, --backend, localai, --other, vllm]"),
        ("ours/exporter:vllm", "[serve]"),
        ("amazon/dynamodb-local", "[serve, djl-serving]"),
    ],
)
def test_what_only_speaks_of_them_is_left_alone(template: str, image: str, command: str) -> None:
    assert read(template.format(image=image, command=command)) == []


@pytest.mark.parametrize("template", [POD, SERVICE], ids=["a pod", "a service"])
@pytest.mark.parametrize(
    ("image", "command", "because"),
    [
        ("tritonserver:24.08-trtllm-python-py3", "[tritonserver]", "Triton serves engines of TensorRT-LLM"),
        (
            "ours",
            "[sh, -c, 'python3 server.py --repo=/data/tensorrtllm_backend/all_models']",
            "Triton serves engines of TensorRT-LLM",
        ),
        ("localai/localai:latest", "[]", "LocalAI serves the models of its own folder"),
        ("ours/vllm-runtime:0.3", "[dynamo, serve, 'graphs.agg:Frontend']", "the graph that Dynamo serves is code"),
        ("deepjavalibrary/djl-serving:0.29.0", "[]", "DJL Serving takes its model from a serving.properties"),
        ("predibase/lorax:main", "[]", "lorax is no engine that planner knows"),
        ("ours", "[sh, -c, 'mistralrs-server --port 80 plain']", "mistralrs-server is no engine that planner knows"),
    ],
)
def test_a_server_that_cannot_be_checked_says_why(template: str, image: str, command: str, because: str) -> None:
    [found] = read(template.format(image=image, command=command))
    assert (found.model, found.serving) == (None, None)
    assert [item.because[: len(because)] for item in found.not_checked] == [because]


def test_a_service_whose_image_is_built_is_passed_over() -> None:
    assert read("services:\n  llm: {build: ., image: localai/localai}\n") == []
