"""llmaz: models and playgrounds."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import llmaz
from planner.formats.context import Context
from planner.source.document import Source
from planner.workload import Workload

MODEL = """\
apiVersion: llmaz.io/v1alpha1
kind: OpenModel
metadata: {name: qwen}
spec:
  source: {modelHub: {modelID: Qwen/Qwen2-0.5B-Instruct}}
  inferenceConfig: {flavors: [{name: t4, limits: {nvidia.com/gpu: 1}}]}
"""
PLAYGROUND = """\
apiVersion: inference.llmaz.io/v1alpha1
kind: Playground
metadata: {name: chat}
spec: {replicas: 3, modelClaim: {modelName: qwen}, backendRuntimeConfig: {backendName: BACKEND, args: [ARGS]}}
"""


def read(text: str) -> list[Workload]:
    file: Source = source.read("playground.yaml", text.encode())
    context = Context(lambda _: file)
    return [found for each in file.documents if llmaz.recognise(each) for found in llmaz.read(each, context)]


def both(backend: str = "vllm", args: str = "--max-model-len=4096") -> list[Workload]:
    return read(f"{MODEL}---\n{PLAYGROUND}".replace("BACKEND", backend).replace("ARGS", args))


@pytest.mark.parametrize(
    "text",
    [
        MODEL.replace("llmaz.io", "x.io"),
        MODEL.replace("OpenModel", "Other"),
        "apiVersion: llmaz.io/v1\nkind: OpenModel",
    ],
    ids=["another group", "another kind", "no specification"],
)
def test_other_objects_are_left_alone(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize("backend", ["vllm", "sglang", "tgi", "llamacpp"])
def test_a_playground_serves_the_model_beside_it_with_its_backend(backend: str) -> None:
    [found] = both(backend, "")
    assert found.model is not None
    assert found.model.name == "Qwen/Qwen2-0.5B-Instruct"
    assert found.serving is not None
    assert found.serving.engine is not None
    assert found.serving.engine.name == backend.replace("llamacpp", "llama.cpp")


def test_options_are_the_playgrounds_and_devices_the_models_flavors() -> None:
    [found] = both()
    assert found.serving is not None
    assert found.serving.hardware is not None
    assert (found.serving.context, found.serving.hardware.name, found.serving.hardware.count) == (4096, "T4", 1)


def test_a_flavor_with_a_name_of_its_own_says_only_how_many() -> None:
    [found] = read(f"{MODEL}---\n{PLAYGROUND}".replace("t4", "cheap").replace("BACKEND", "vllm").replace("ARGS", ""))
    assert found.serving is not None
    assert found.serving.hardware is not None
    assert (found.serving.hardware.name, found.serving.hardware.count) == (None, 1)


def test_a_model_by_itself_is_served_by_nothing() -> None:
    [found] = read(MODEL)
    assert found.model is not None
    assert found.serving is None


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (PLAYGROUND.replace("BACKEND", "vllm"), "the model qwen is an object of its own, which stands elsewhere"),
        (f"{MODEL}---\n{PLAYGROUND}".replace("BACKEND", "ours"), "ours is no backend that planner knows"),
        (
            "apiVersion: inference.llmaz.io/v1\nkind: BackendRuntime\nspec: {image: vllm/vllm-openai}",
            "a backend serves the models of playgrounds, which stand elsewhere",
        ),
    ],
    ids=["a model elsewhere", "an unknown backend", "a backend"],
)
def test_what_cannot_be_checked_is_said(text: str, because: str) -> None:
    [found] = read(text)
    assert [item.because for item in found.not_checked] == [because]


def test_the_main_model_of_several_is_the_one_that_is_served() -> None:
    claims = "modelClaims: {models: [{name: small, role: draft}, {name: qwen, role: main}]}"
    text = f"{MODEL}---\n{PLAYGROUND}".replace("modelClaim: {modelName: qwen}", claims).replace("BACKEND", "vllm")
    [found] = read(text)
    assert found.model is not None
    assert found.model.name == "Qwen/Qwen2-0.5B-Instruct"
