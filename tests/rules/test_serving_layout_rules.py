"""FIT006, PAR002, DTY003 and DTY004: what a deployment asks of its devices beside memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.finding import Finding

Lint = Callable[[str], dict[str, Finding]]

SMALL = "{name: meta-llama/Llama-3.2-3B, dtype: bfloat16}"
SEVEN = "{name: meta-llama/Llama-2-7b-hf, quantization: %s}"
POD = """apiVersion: v1
kind: Pod
metadata: {{name: x}}
spec:
  containers:
    - name: server
      image: vllm/vllm-openai:v0.19.0
      command: [vllm, serve, meta-llama/Llama-3.1-8B, --max-model-len, "8192"{arguments}]
      resources: {{limits: {{nvidia.com/gpu: {count}}}}}
"""


def config(deployment: str, model: str = SMALL) -> str:
    return f"model: {model}\ndeployment: {{context: 8192, {deployment}}}\n"


def pod(count: int, *arguments: str) -> str:
    return POD.format(count=count, arguments="".join(f', "{word}"' for word in arguments))


VLLM_19 = "engine: {name: vllm, version: 0.19.0}"


@pytest.mark.parametrize(
    "text",
    [
        config(f"{VLLM_19}, memory_utilization: 0.95, hardware: {{accelerator: H100-80GB}}"),
        config(f"{VLLM_19}, memory_utilization: 0.95, hardware: {{accelerator: L4}}"),
        config(f"{VLLM_19}, hardware: {{accelerator: L4}}"),
        config("engine: transformers, memory_utilization: 1.0, hardware: {accelerator: L4}"),
        config("engine: vllm, hardware: {accelerator: H100-80GB, count: 8}"),
        config("engine: vllm, tensor_parallel: 4, pipeline_parallel: 2, hardware: {accelerator: H100-80GB, count: 8}"),
        config("engine: llama.cpp, tensor_parallel: 1, hardware: {accelerator: L4, count: 2}"),
        pod(1),
        pod(2, "--tensor-parallel-size", "2"),
        pod(8, "--data-parallel-size", "16", "--data-parallel-size-local", "8"),
        pod(1, "--data-parallel-size", "4", "--data-parallel-rank", "2"),
        config("engine: vllm, hardware: {accelerator: T4}", SEVEN % "awq"),
        config("engine: tgi, hardware: {accelerator: A10}", SEVEN % "exl2"),
        config("engine: llama.cpp, hardware: {accelerator: L4}", SEVEN % "int4"),
        config("engine: vllm, kv_cache_dtype: fp8, hardware: {accelerator: H100-80GB}"),
        config("engine: vllm, kv_cache_dtype: fp8, hardware: {memory: 24GB}"),
        config("engine: llama.cpp, engine_args: {cache_type_v: q8_0}, hardware: {accelerator: L4}"),
        config("engine: llama.cpp, engine_args: {cache_type_k: q8_0, flash_attn: false}, hardware: {accelerator: L4}"),
    ],
)  # fmt: skip
def test_nothing_is_said_of_layouts_that_work(lint: Lint, text: str) -> None:
    assert not {"FIT006", "PAR002", "DTY003", "DTY004"} & lint(text).keys()


@pytest.mark.parametrize(
    ("text", "rule", "level", "said"),
    [
        (
            config(f"{VLLM_19}, memory_utilization: 0.98, hardware: {{accelerator: L4}}"),
            "FIT006", "warning", ["leaves 0.44 GiB of 22.03 GiB", "0.62 GiB at least"],
        ),
        (
            config("engine: vllm, memory_utilization: 1.0, hardware: {accelerator: H100-80GB}"),
            "FIT006", "warning", ["leaves 0.00 GiB", "refuse to start"],
        ),
        (pod(2, "-tp", "4"), "PAR002", "error", ["needs 4 devices; 2 are stated"]),
        (
            config("engine: vllm, hardware: {accelerator: V100-32GB}", SEVEN % "awq"),
            "DTY003", "error", ["awq from compute capability 7.5", "7.0"],
        ),
        (
            config("engine: vllm, hardware: {accelerator: T4}", "{name: openai/gpt-oss-20b}"),
            "DTY003", "error", ["mxfp4 from compute capability 8.0", "7.5"],
        ),
        (
            config("engine: vllm, hardware: {accelerator: A10}", SEVEN % "exl2"),
            "DTY003", "warning", ["no loader for exl2"],
        ),
        (
            config("engine: llama.cpp, hardware: {accelerator: A10}", SEVEN % "awq"),
            "DTY003", "warning", ["no loader for awq"],
        ),
        (
            config("engine: vllm, kv_cache_dtype: fp8, hardware: {accelerator: A100-40GB}"),
            "DTY004", "info", ["8.0", "FlashInfer"],
        ),
        (config("engine: vllm, kv_cache_dtype: fp8, hardware: {accelerator: T4}"), "DTY004", "warning", ["7.5"]),
        (
            config(
                "engine: llama.cpp, engine_args: {cache_type_v: q8_0, flash_attn: 'off'}, hardware: {accelerator: L4}"
            ),
            "DTY004", "error", ["flash attention alone"],
        ),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said(lint: Lint, text: str, rule: str, level: str, said: list[str]) -> None:
    found = lint(text)
    assert rule in found
    assert found[rule].level == level
    assert [words for words in said if words not in found[rule].message] == []
