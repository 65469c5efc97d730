"""LocalAI's models."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import localai
from planner.formats.context import Context
from planner.workload import Workload

GGUF = """\
name: chat
backend: llama-cpp
context_size: 8192
f16: true
parameters: {model: "huggingface://bartowski/Llama-3.2-3B-Instruct-GGUF/Llama-3.2-3B-Instruct-Q4_K_M.gguf"}
"""
VLLM = """\
name: chat
backend: vllm
max_model_len: 4096
gpu_memory_utilization: 0.5
tensor_parallel_size: 2
parameters: {model: Qwen/Qwen3-8B}
"""


def read(text: str) -> Workload:
    document = source.read("chat.yaml", text.encode()).documents[0]
    assert localai.recognise(document)
    [workload] = localai.read(document, Context(source.read))
    return workload


@pytest.mark.parametrize(
    "text",
    [
        GGUF.replace("llama-cpp", "whisper"),
        GGUF.replace("name: chat", "title: chat"),
        GGUF.replace("model:", "path:"),
        "name: test\nparameters: {model: linear}\n",
        "name: a\nconfig_file: ': ['\n",
        "name: a\nconfig_file: 'backend: whisper'\n",
        "- name\n",
    ],
    ids=[
        "speech",
        "no name",
        "no model",
        "parameters of something else",
        "a broken string",
        "an entry of the gallery that speaks",
        "a list",
    ],
)
def test_what_is_no_language_model_of_localai_is_left_alone(text: str) -> None:
    assert not localai.recognise(source.read("chat.yaml", text.encode()).documents[0])


def test_a_gguf_file_is_llama_cpps() -> None:
    workload = read(GGUF)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.engine is not None
    assert workload.model.config is not None
    assert (workload.serving.engine.name, workload.serving.context) == ("llama.cpp", 8192)


def test_the_file_alone_tells_the_engine() -> None:
    serving = read(GGUF.replace("backend: llama-cpp\n", "")).serving
    assert serving is not None
    assert serving.engine is not None
    assert serving.engine.name == "llama.cpp"


def test_options_of_vllm_keep_their_names() -> None:
    serving = read(VLLM).serving
    assert serving is not None
    assert (serving.context, serving.memory_utilization, serving.tensor_parallel) == (4096, 0.5, 2)


def test_an_entry_of_the_gallery_holds_its_config_in_a_string() -> None:
    inner = "".join(f"  {line}\n" for line in VLLM.splitlines())
    workload = read(f"name: chat\nconfig_file: |\n{inner}")
    assert workload.serving is not None
    assert workload.serving.context == 4096
    assert workload.origins["deployment.context"].path == ("config_file",)


def test_an_entry_of_the_gallery_that_others_are_made_from_has_no_model() -> None:
    workload = read("name: a\nconfig_file: '{backend: llama-cpp, context_size: 4096}'\n")
    assert workload.model is None
    assert [item.because for item in workload.not_checked] == ["it names no model: others are made from it"]
