"""OME: models, runtimes, and services."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import ome
from planner.formats.context import Context
from planner.workload import Workload

RUNTIME = """\
apiVersion: ome.io/v1beta1
kind: ClusterServingRuntime
metadata: {name: srt}
spec:
  supportedModelFormats: [{modelArchitecture: LlamaForCausalLM}]
  engineConfig:
    runner:
      image: lmsysorg/sglang:v0.5.5
      command: [python3, -m, sglang.launch_server]
      args: [--model-path, $(MODEL_PATH), --tp-size, "4", --served-model-name, meta-llama/Llama-3.1-8B-Instruct]
      resources: {limits: {nvidia.com/gpu: 4}}
  routerConfig: {runner: {command: [python3, -m, sglang_router.launch_router]}}
"""
MODEL = """\
apiVersion: ome.io/v1beta1
kind: ClusterBaseModel
metadata: {name: ours}
spec: {storage: {storageUri: "hf://our-team/secret-7b"}, modelParameterSize: 7B}
"""
SERVICE = """\
apiVersion: ome.io/v1beta1
kind: InferenceService
metadata: {name: chat}
spec: {model: {name: llama-3-70b}, runtime: {name: srt}, engine: {minReplicas: 1}}
"""


def read(text: str) -> list[Workload]:
    document = source.read("ome.yaml", text.encode()).documents[0]
    return list(ome.read(document, Context(source.read))) if ome.recognise(document) else []


@pytest.mark.parametrize(
    "text",
    [
        RUNTIME.replace("ome.io", "example.org"),
        RUNTIME.replace("sglang.launch_server", "http.server").replace("lmsysorg/sglang:v0.5.5", "python"),
        MODEL.replace("storageUri", "path"),
        SERVICE.replace("model: {name: llama-3-70b}", "model: {}"),
        SERVICE.replace("InferenceService", "BenchmarkJob"),
        "apiVersion: ome.io/v1beta1\nkind: [1]\nspec: 3\n",
    ],
    ids=["another group", "no engine", "a model without an address", "no model", "another kind", "no words"],
)
def test_other_objects_are_left_alone(text: str) -> None:
    assert read(text) == []


def test_a_runtime_serves_the_model_by_whose_name_it_goes() -> None:
    [found] = read(RUNTIME)
    assert found.model is not None
    assert found.serving is not None
    assert found.serving.hardware is not None
    assert found.model.name == "meta-llama/Llama-3.1-8B-Instruct"
    assert (found.serving.tensor_parallel, found.serving.hardware.count) == (4, 4)


def test_a_runtime_under_a_name_of_its_own_is_not_checked() -> None:
    [found] = read(RUNTIME.replace("meta-llama/Llama-3.1-8B-Instruct", "chat"))
    assert found.model is None
    assert [item.because for item in found.not_checked] == ["the model is whichever OME mounts"]


def test_the_format_of_checkpoints_that_a_runtime_takes_says_how_they_are_quantized() -> None:
    [found] = read(RUNTIME.replace("LlamaForCausalLM}", "LlamaForCausalLM, quantization: fp8}"))
    assert found.model is not None
    assert found.model.quantization is not None
    assert found.model.quantization.method == "fp8"


def test_a_leader_and_its_workers_serve_one_model() -> None:
    group = RUNTIME.replace("    runner:\n      image", "    worker: {size: 1}\n    leader:\n     runner:\n      image")
    [found] = read(group)
    assert found.serving is not None
    assert found.serving.hardware is not None
    assert found.serving.hardware.count == 8


def test_a_model_is_known_by_its_size_where_the_catalogue_lacks_it() -> None:
    [found] = read(MODEL)
    assert found.model is not None
    assert (found.model.parameters, found.serving, found.not_checked) == (7_000_000_000, None, ())


def test_a_service_says_which_objects_it_joins() -> None:
    [found] = read(SERVICE)
    [missing] = found.not_checked
    assert missing.because == "the model llama-3-70b and the runtime srt are objects of their own"
