"""SkyPilot's tasks: an engine in a script, and accelerators of which any will do."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import skypilot
from planner.formats.context import Context
from planner.workload import Workload

TASK = """\
envs: {MODEL_NAME: Qwen/Qwen2.5-7B-Instruct}
resources: {RESOURCES}
num_nodes: 1
run: |
  source .venv/bin/activate
  vllm serve $MODEL_NAME --max-model-len 8192 \\
    --tensor-parallel-size $SKYPILOT_NUM_GPUS_PER_NODE 2>&1 | tee log
"""


def read(resources: str) -> list[Workload]:
    found = source.read("sky.yaml", TASK.replace("{RESOURCES}", resources).encode()).documents[0]
    assert skypilot.recognise(found)
    return list(skypilot.read(found, Context(source.read)))


@pytest.mark.parametrize(
    "text",
    [
        "payload:\n  - DOMAIN-SUFFIX,example.org\n",
        "resources: {accelerators: 'A100:8'}\nrun: python train.py\n",
        "resources: {cpus: 4}\nrun: vllm serve a/b\n",
        "resources: {accelerators: L4}\nrun: [vllm, serve, a/b]\n",
        "resources: {accelerators: L4}\nrun: vllm serve a/b\nservices: {}\n",
        "- run\n",
    ],
    ids=["rules of a proxy", "training", "no accelerator", "no script", "keys of another tool", "a list"],
)
def test_what_serves_no_model_on_accelerators_is_left_alone(text: str) -> None:
    assert not skypilot.recognise(source.read("sky.yaml", text.encode()).documents[0])


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        ("{accelerators: 'L4:2'}", [("L4", 2)]),
        ("{accelerators: L4}", [("L4", 1)]),
        ("{accelerators: {L4:2, L40S:1}}", [("L4", 2), ("L40S", 1)]),
        ("{accelerators: {L4: 2}}", [("L4", 2)]),
        ("{accelerators: ['L4:1', 'L40S:1']}", [("L4", 1), ("L40S", 1)]),
        ("{any_of: [{accelerators: 'L4:1'}, {accelerators: 'L40S:2'}]}", [("L4", 1), ("L40S", 2)]),
        ("{accelerators: 'L4:1', any_of: [{cloud: aws}, {cloud: gcp}]}", [("L4", 1)]),
        ("{accelerators: '40GB+:8'}", [("40GB+", 8)]),
        ("{instance_type: g6.xlarge}", [("L4", 1)]),
    ],
    ids=[
        "a string",
        "one, unsaid",
        "a flow mapping that YAML reads as keys without values",
        "a mapping",
        "a list",
        "any of several resources",
        "any cloud with the same accelerator",
        "a least memory size, which names nothing",
        "an instance type",
    ],
)
def test_each_accelerator_that_would_do_is_a_deployment(resources: str, found: list[tuple[str, int]]) -> None:
    servings = [workload.serving for workload in read(resources)]
    hardware = [serving.hardware for serving in servings if serving is not None]
    assert [(each.name, each.count) for each in hardware if each is not None] == found


def test_the_script_knows_how_many_there_are() -> None:
    workloads = read("{accelerators: {L4:4, L40S:1}}")
    layouts = [workload.serving.tensor_parallel for workload in workloads if workload.serving is not None]
    assert layouts == [4, 1]
    assert all(workload.not_checked == () for workload in workloads)


def test_alternatives_are_told_apart_by_name() -> None:
    names = [workload.name for workload in read("{accelerators: {L4:4, L40S:1}}")]
    assert names == ["task on 4 × L4", "task on 1 × L40S"]
