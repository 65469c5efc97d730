"""Operators whose objects are one model each: NIM's, the production stack's and AIBrix'."""

from __future__ import annotations

from types import ModuleType

import pytest

from planner import source
from planner.formats import aibrix, nim_operator, vllm_runtime
from planner.formats.context import Context
from planner.workload import Workload

NIM = """\
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMService
metadata: {name: chat}
spec:
  image: {repository: nvcr.io/nim/meta/llama-3.1-8b-instruct, tag: "1.3"}
  resources: {limits: {nvidia.com/gpu: 1}}
"""
CACHE = """\
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMCache
metadata: {name: chat}
spec: {source: {ngc: {modelPuller: "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.3"}}}
"""
RUNTIME = """\
apiVersion: production-stack.vllm.ai/v1alpha1
kind: VLLMRuntime
metadata: {name: chat}
spec:
  model: {modelURL: Qwen/Qwen3-8B, maxModelLen: 4096, dtype: bfloat16, enableTool: false, toolCallParser: ""}
  vllmConfig: {tensorParallelSize: 2, gpuMemoryUtilization: "0.8", v1: true, port: 8000, extraArgs: [--max-num-seqs=8]}
  deploymentConfig: {resources: {gpu: "2", gpuType: nvidia.com/gpu}, image: {name: "vllm/vllm-openai:v0.9.2"}}
"""
CLAIM = """\
apiVersion: model.aibrix.ai/v1alpha1
kind: ModelClaim
metadata: {name: chat}
spec:
  artifactURL: huggingface://Qwen/Qwen3-8B
  engine: vllm
  engineConfig: {args: {--max-model-len: "2048"}}
"""


def read(module: ModuleType, text: str) -> list[Workload]:
    document = source.read("object.yaml", text.encode()).documents[0]
    return list(module.read(document, Context(source.read))) if module.recognise(document) else []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nim_operator, NIM.replace("nvcr.io/nim/meta/llama-3.1-8b-instruct", "nginx")),
        (nim_operator, NIM.replace("NIMService", "NIMPipeline")),
        (nim_operator, CACHE.replace("ngc", "dataStore")),
        (nim_operator, "apiVersion: apps.nvidia.com/v1\nkind: NIMService\nspec: {image: 3}"),
        (vllm_runtime, RUNTIME.replace("VLLMRuntime", "VLLMRouter")),
        (vllm_runtime, RUNTIME.replace("modelURL", "name")),
        (vllm_runtime, "kind: VLLMRuntime\nspec: {model: {modelURL: a/b}}"),
        (aibrix, CLAIM.replace("ModelClaim", "ModelAdapter")),
        (aibrix, CLAIM.replace("engine: vllm", "engine: mock")),
        (aibrix, CLAIM.replace("artifactURL: huggingface://Qwen/Qwen3-8B", "artifactURL: [1]")),
    ],
)
def test_other_objects_are_left_alone(module: ModuleType, text: str) -> None:
    assert read(module, text) == []


@pytest.mark.parametrize("text", [NIM, CACHE], ids=["a service", "a cache"])
def test_what_a_nim_takes_is_its_own_choice(text: str) -> None:
    [found] = read(nim_operator, text)
    assert found.model is not None
    assert found.model.name == "meta/llama-3.1-8b-instruct"
    assert found.serving is None
    assert "a NIM chooses precision" in found.not_checked[-1].because


def test_a_runtime_of_vllm_says_model_options_and_devices() -> None:
    [found] = read(vllm_runtime, RUNTIME)
    serving = found.serving
    assert found.model is not None
    assert (found.name, found.model.name, found.model.dtype) == ("chat", "Qwen/Qwen3-8B", "bfloat16")
    assert serving is not None
    assert serving.engine is not None
    assert serving.hardware is not None
    assert (serving.context, serving.tensor_parallel, serving.memory_utilization) == (4096, 2, 0.8)
    assert (serving.engine.version, serving.hardware.count) == ((0, 9, 2), 2)
    assert serving.engine_args["max_num_seqs"] == 8


def test_a_claim_says_model_and_options() -> None:
    [found] = read(aibrix, CLAIM)
    assert found.model is not None
    assert found.serving is not None
    assert (found.model.name, found.serving.context) == ("Qwen/Qwen3-8B", 2048)
