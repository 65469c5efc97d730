"""KubeAI's models: address, engine, arguments and the profile of the hardware."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import kubeai
from planner.formats.context import Context
from planner.workload import Serving, Workload

MODEL = """\
apiVersion: kubeai.org/v1
kind: Model
metadata: {name: llama-8b}
spec:
  url: hf://meta-llama/Llama-3.1-8B-Instruct
  engine: VLLM
  args: [--max-model-len=16384, --gpu-memory-utilization=0.9]
  resourceProfile: nvidia-gpu-l4:2
"""


def read(text: str) -> Workload:
    found = source.read("model.yaml", text.encode()).documents[0]
    assert kubeai.recognise(found)
    [workload] = kubeai.read(found, Context(source.read))
    return workload


def serving(text: str) -> Serving:
    workload = read(text)
    assert workload.serving is not None
    return workload.serving


@pytest.mark.parametrize(
    "text",
    [
        MODEL.replace("kubeai.org", "example.org"),
        MODEL.replace("kind: Model", "kind: Deployment"),
        MODEL.replace("VLLM", "FasterWhisper"),
        MODEL.replace("VLLM", "Infinity"),
        "catalog: {books: {url: https://example.org}}\n",
        "spec: {url: hf://a/b, engine: VLLM}\n",
        MODEL.replace("engine: VLLM", "engine: {a: b}"),
        "- catalog\n",
    ],
    ids=[
        "another group",
        "another kind",
        "speech",
        "embeddings",
        "somebody's catalogue",
        "a specification alone",
        "an engine that is a mapping",
        "a list",
    ],
)
def test_what_is_no_language_model_of_kubeai_is_left_alone(text: str) -> None:
    assert not kubeai.recognise(source.read("model.yaml", text.encode()).documents[0])


def test_arguments_are_vllms() -> None:
    found = serving(MODEL)
    assert found.engine is not None
    assert found.hardware is not None
    assert (found.engine.name, found.context, found.memory_utilization) == ("vllm", 16384, 0.9)
    assert (found.hardware.name, found.hardware.count) == ("L4", 2)


@pytest.mark.parametrize(
    ("profile", "name", "count"),
    [
        ("nvidia-gpu-l4:1", "L4", 1),
        ("nvidia-gpu-l4", "L4", 1),
        ("amd-gpu-mi300x:8", "Instinct MI300X", 8),
        ("google-tpu-v5e-2x2:4", "TPU v5e", 4),
        ("our-own-pool:2", "our-own-pool", 2),
    ],
    ids=["one L4", "no number", "AMD", "a slice of TPUs", "a profile of one's own"],
)
def test_a_profile_names_the_hardware(profile: str, name: str, count: int) -> None:
    hardware = serving(MODEL.replace("nvidia-gpu-l4:2", profile)).hardware
    assert hardware is not None
    assert (hardware.name, hardware.count) == (name, count)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ollama://gemma2:2b", "gemma2:2b"),
        ("ollama://llama3.2", "llama3.2:latest"),
        ("pvc://claim?model=gemma2:2b", "gemma2:2b"),
        ("ollama://gemma2:2b?insecure=true", "gemma2:2b"),
    ],
    ids=["a tag", "a family", "a volume", "with a query"],
)
def test_ollama_is_named_by_its_library(url: str, name: str) -> None:
    workload = read(MODEL.replace("hf://meta-llama/Llama-3.1-8B-Instruct", url).replace("VLLM", "OLlama"))
    assert workload.model is not None
    assert workload.model.name == name


def test_nothing_is_said_of_a_gpu_where_the_host_serves() -> None:
    workload = read(MODEL.replace("nvidia-gpu-l4:2", "cpu:4"))
    assert workload.serving is None
    assert [entry.what for entry in workload.not_checked] == ["serving"]


def test_the_catalogue_of_the_chart_holds_several() -> None:
    text = "catalog:\n  one: {url: 'hf://Qwen/Qwen2.5-7B-Instruct', engine: VLLM, resourceProfile: 'nvidia-gpu-l4:1'}\n"
    workload = read(text)
    assert workload.name == "one"
    assert workload.origins["model"].path == ("catalog", "one", "url")
