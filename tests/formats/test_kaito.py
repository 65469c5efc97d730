"""Kaito's workspaces: presets of models on machines of Azure."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import kaito
from planner.formats.context import Context
from planner.workload import Workload

WORKSPACE = """\
apiVersion: kaito.sh/v1beta1
kind: Workspace
metadata: {name: ours}
resource: {instanceType: MACHINE, count: 2}
inference: {preset: {name: llama-3.1-8b-instruct}}
"""


def read(text: str) -> Workload:
    document = source.read("workspace.yaml", text.encode()).documents[0]
    assert kaito.recognise(document)
    [workload] = kaito.read(document, Context(source.read))
    return workload


@pytest.mark.parametrize(
    "text",
    [
        WORKSPACE.replace("kaito.sh", "example.org"),
        WORKSPACE.replace("kind: Workspace", "kind: RAGEngine"),
        WORKSPACE.replace("inference:", "notes:"),
        "inference: {preset: {name: llama-3.1-8b-instruct}}\n",
        "- kaito.sh/\n",
    ],
    ids=["another group", "another kind", "a workspace without a model", "no object", "a list"],
)
def test_what_is_no_workspace_with_a_model_is_left_alone(text: str) -> None:
    assert not kaito.recognise(source.read("workspace.yaml", text.encode()).documents[0])


def test_a_preset_takes_all_devices_of_its_machines() -> None:
    workload = read(WORKSPACE.replace("MACHINE", "Standard_NC80adis_H100_v5"))
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.hardware is not None
    assert workload.model.name == "llama-3.1-8b-instruct"
    assert (workload.serving.tensor_parallel, workload.serving.pipeline_parallel) == (2, 2)
    assert workload.serving.hardware.count == 4


def test_the_context_is_left_to_the_engine() -> None:
    serving = read(WORKSPACE.replace("MACHINE", "Standard_NC24ads_A100_v4")).serving
    assert serving is not None
    assert serving.context is None
    assert serving.engine_args["max_model_len"] == "auto"


def test_a_machine_that_is_to_be_filled_in_is_none() -> None:
    serving = read(WORKSPACE.replace("MACHINE", "<your-vm-sku>")).serving
    assert serving is not None
    assert serving.hardware is None


def test_gemma_has_another_name_on_the_hub() -> None:
    model = read(WORKSPACE.replace("llama-3.1-8b-instruct", "gemma-3-27b-instruct")).model
    assert model is not None
    assert model.config is not None


def test_tuning_is_said_to_be_unchecked() -> None:
    workload = read(WORKSPACE.replace("inference:", "tuning:"))
    assert workload.serving is None
    assert [entry.what for entry in workload.not_checked] == ["training"]


def test_a_pod_of_ones_own_runs_on_the_machines() -> None:
    pod = "{spec: {containers: [{name: a, command: [vllm, serve, Qwen/Qwen3-8B, --max-model-len, '4096']}]}}"
    text = WORKSPACE.replace("{preset: {name: llama-3.1-8b-instruct}}", f"{{template: {pod}}}")
    workload = read(text.replace("MACHINE, count: 2", "Standard_NC24ads_A100_v4"))
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.hardware is not None
    assert (workload.model.name, workload.serving.context) == ("Qwen/Qwen3-8B", 4096)
    assert workload.serving.hardware.count == 1
    assert workload.origins["deployment.context"].path == (
        "inference", "template", "spec", "containers", 0, "command", 4,
    )  # fmt: skip


def test_kaitos_own_server_is_transformers() -> None:
    words = "[accelerate, launch, --gpu_ids, all, tfs/inference_api.py, --pretrained_model_name_or_path, Qwen/Qwen3-8B]"
    pod = f"{{spec: {{containers: [{{name: a, command: {words}}}]}}}}"
    workload = read(WORKSPACE.replace("{preset: {name: llama-3.1-8b-instruct}}", f"{{template: {pod}}}"))
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.engine is not None
    assert (workload.model.name, workload.serving.engine.name) == ("Qwen/Qwen3-8B", "transformers")


@pytest.mark.parametrize(
    ("inference", "because"),
    [
        ("{preset: [llama-3.1-8b-instruct]}", "its preset names no model"),
        ("{preset: {name: 8}}", "its preset names no model"),
        (
            "{template: {spec: {containers: [{image: a}]}}}",
            "its template starts no engine that planner knows",
        ),
    ],
)
def test_where_nothing_is_known_that_is_said(inference: str, because: str) -> None:
    workload = read(WORKSPACE.replace("{preset: {name: llama-3.1-8b-instruct}}", inference))
    assert [(entry.what, entry.because) for entry in workload.not_checked] == [("serving", because)]
