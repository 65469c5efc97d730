"""dstack's run configurations: the engine that their commands start, and the GPUs that they ask for."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import dstack
from planner.formats.context import Context
from planner.workload import Workload

SERVICE = """\
type: service
name: llama
env: [HF_TOKEN, MODEL=meta-llama/Llama-3.1-8B-Instruct]
commands:
  - pip install vllm
  - vllm serve $MODEL --max-model-len 4096 --tensor-parallel-size $DSTACK_GPUS_NUM
resources:
  gpu: {gpu}
"""


def read(gpu: str) -> Workload:
    found = source.read("service.dstack.yml", SERVICE.replace("{gpu}", gpu).encode()).documents[0]
    assert dstack.recognise(found)
    [workload] = dstack.read(found, Context(source.read))
    return workload


@pytest.mark.parametrize(
    "text",
    [
        "type: service\nspec: {ports: [80]}\n",
        "type: task\ncommands: [python train.py]\nresources: {gpu: 24GB}\n",
        "type: fleet\nresources: {gpu: H100:8}\n",
        "- type: service\n",
        "type: {a: b}\ncommands: [vllm serve a/b]\nresources: {gpu: 24GB}\n",
        "type: service\ncommands: [vllm serve a/b]\n",
        "commands: [vllm serve a/b]\nresources: {gpu: 24GB}\n",
    ],
    ids=[
        "another tool's service",
        "a training task",
        "a fleet without commands",
        "a list",
        "a type that is a mapping",
        "no resources",
        "no type",
    ],
)
def test_what_starts_no_engine_on_a_gpu_is_left_alone(text: str) -> None:
    assert not dstack.recognise(source.read("a.yml", text.encode()).documents[0])


def test_variables_of_the_run_are_known() -> None:
    workload = read("H100:80GB:2")
    assert workload.not_checked == ()
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.model.name == "meta-llama/Llama-3.1-8B-Instruct"
    assert (workload.serving.context, workload.serving.tensor_parallel) == (4096, 2)


@pytest.mark.parametrize(
    ("gpu", "name", "count", "memory"),
    [
        ("L4", "L4", 1, True),
        ("L4:4", "L4", 4, True),
        ("nvidia:L4:24GB:4", "L4", 4, True),
        ("{name: L4, count: 2}", "L4", 2, True),
        ("{name: [L4, A10], count: 2..4}", "L4 or A10", 2, True),
        ("24GB", None, 1, True),
        ("24GB..", None, 1, False),
        ("16GB..24GB:2..", None, 2, True),
        ("3", None, 3, False),
    ],
    ids=[
        "a name",
        "a name and a count",
        "vendor, name, memory and count",
        "a mapping",
        "any of two, with a range of counts",
        "a memory size",
        "a memory size without an upper end",
        "a range of sizes, at least two",
        "only a count",
    ],
)
def test_gpus_are_read_as_dstack_asks_for_them(gpu: str, name: str | None, count: int, memory: bool) -> None:
    serving = read(gpu).serving
    assert serving is not None
    assert serving.hardware is not None
    assert (serving.hardware.name, serving.hardware.count) == (name, count)
    assert (serving.hardware.memory is not None) == memory


def test_an_error_must_hold_on_the_largest_that_will_do() -> None:
    serving = read("16GB..80GB").serving
    assert serving is not None
    assert serving.hardware is not None
    assert (serving.hardware.memory, serving.hardware.memory_max) == (16 * 10**9, 80 << 30)
