"""Truss: engines of TensorRT-LLM and servers by their command."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import truss
from planner.formats.context import Context
from planner.workload import Quantization, Workload

ENGINE = """\
model_name: Llama
resources: {accelerator: "H100:2", use_gpu: true}
trt_llm:
  build:
    base_model: decoder
    checkpoint_repository: {repo: meta-llama/Llama-3.3-70B-Instruct, source: HF}
    max_seq_len: 131072
    quantization_type: fp8_kv
    tensor_parallel_count: 2
  runtime: {kv_cache_free_gpu_mem_fraction: 0.8}
"""
SERVER = """\
base_image: {image: "vllm/vllm-openai:v0.9.2"}
docker_server:
  start_command: sh -c "HF_TOKEN=$(cat /secrets/token) vllm serve Qwen/Qwen3-8B --max-model-len 8192"
resources: {accelerator: L4}
"""


def read(text: str) -> Workload:
    found = source.read("config.yaml", text.encode()).documents[0]
    assert truss.recognise(found)
    [workload] = truss.read(found, Context(source.read))
    return workload


@pytest.mark.parametrize(
    "text",
    [
        "resources: {accelerator: A10G, use_gpu: true}\nmodel_name: Whisper\npython_version: py311\n",
        "resources: {cpu: '1'}\ntrt_llm: {build: {}}\n",
        "docker_server: {start_command: vllm serve a/b}\n",
        "trt_llm\n",
    ],
    ids=["a server in Python", "no accelerator", "no resources", "a word"],
)
def test_what_has_no_engine_on_an_accelerator_is_left_alone(text: str) -> None:
    assert not truss.recognise(source.read("config.yaml", text.encode()).documents[0])


def test_a_server_that_is_no_engine_is_left_alone() -> None:
    found = source.read("config.yaml", SERVER.replace("vllm", "our-server").encode()).documents[0]
    assert list(truss.read(found, Context(source.read))) == []


def test_an_engine_is_read_from_its_build() -> None:
    workload = read(ENGINE)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.engine is not None
    assert workload.serving.hardware is not None
    assert workload.model.name == "meta-llama/Llama-3.3-70B-Instruct"
    assert workload.model.quantization == Quantization("fp8")
    assert workload.serving.engine.name == "tensorrt-llm"
    assert (workload.serving.context, workload.serving.tensor_parallel) == (131072, 2)
    assert (workload.serving.kv_cache_dtype, workload.serving.memory_utilization) == ("float8", 0.8)
    assert (workload.serving.hardware.count, workload.not_checked) == (2, ())


@pytest.mark.parametrize(
    ("scheme", "method", "cache"),
    [
        ("no_quant", None, None),
        ("fp8", "fp8", None),
        ("fp4_kv", "nvfp4", "float8"),
        ("weights_int8", "int8", None),
        ("weights_kv_int8", "int8", "int8"),
        ("fp4_mlp_only", None, None),
    ],
    ids=[
        "none",
        "weights in FP8",
        "weights in FP4, cache in FP8",
        "weights in INT8",
        "weights and cache in INT8",
        "a part of the weights alone, which is not known",
    ],
)
def test_a_quantization_type_says_weights_and_cache(scheme: str, method: str | None, cache: str | None) -> None:
    workload = read(ENGINE.replace("fp8_kv", scheme))
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.model.quantization == (Quantization(method) if method else None)
    assert workload.serving.kv_cache_dtype == cache


def test_half_an_h100_is_a_slice_of_it() -> None:
    serving = read(ENGINE.replace("H100:2", "H100_40GB")).serving
    assert serving is not None
    assert serving.hardware is not None
    assert serving.hardware.memory is not None
    assert serving.hardware.memory <= 40 << 30
    assert serving.hardware.count == 1


def test_a_server_is_read_from_its_command() -> None:
    workload = read(SERVER)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.engine is not None
    assert (workload.model.name, workload.serving.context) == ("Qwen/Qwen3-8B", 8192)
    assert workload.serving.engine.version == (0, 9, 2)


CODE = """\
model_name: ours
python_version: py311
requirements: [vllm==0.6.1, transformers]
model_metadata: {repo_id: Qwen/Qwen3-8B, vllm_config: {tensor_parallel_size: 2, max_model_len: 16384}}
resources: {accelerator: "H100:2"}
"""


def test_options_of_vllm_in_the_metadata_are_those_of_code_of_ones_own() -> None:
    workload = read(CODE)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.engine is not None
    assert (workload.model.name, workload.serving.context) == ("Qwen/Qwen3-8B", 16384)
    assert (workload.serving.tensor_parallel, workload.serving.engine.version) == (2, (0, 6, 1))


def test_a_model_that_code_of_ones_own_loads_is_known_and_its_serving_is_not() -> None:
    workload = read(CODE.replace("vllm_config", "tags"))
    assert workload.model is not None
    assert workload.serving is None
    assert [item.because for item in workload.not_checked] == ["code of its own serves it"]


def test_a_model_that_may_be_of_any_kind_says_nothing() -> None:
    document = source.read("c.yaml", CODE.replace("vllm_config", "t").replace("Qwen/Qwen3-8B", "a/sdxl").encode())
    assert list(truss.read(document.documents[0], Context(source.read))) == []


@pytest.mark.parametrize(
    ("folder", "name"), [("qwen", "Qwen/Qwen3-8B"), ("other", "/app/model_cache/qwen")], ids=["the folder's", "another"]
)
def test_a_folder_of_the_cache_is_the_repository_that_is_put_there(folder: str, name: str) -> None:
    cache = f"model_cache: [{{repo_id: Qwen/Qwen3-8B, use_volume: true, volume_folder: {folder}}}]\n"
    model = read(SERVER.replace("vllm serve Qwen/Qwen3-8B", "vllm serve /app/model_cache/qwen") + cache).model
    assert model is not None
    assert model.name == name
