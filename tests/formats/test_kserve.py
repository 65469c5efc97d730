"""KServe's objects for language models."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import kserve
from planner.formats.context import Context
from planner.workload import Serving, Workload

SERVICE = """\
apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: qwen}
spec:
  model: {uri: "hf://Qwen/Qwen2.5-7B-Instruct", name: Qwen/Qwen2.5-7B-Instruct}
  parallelism: {tensor: 2}
  template:
    nodeSelector: {nvidia.com/gpu.product: NVIDIA-L4}
    containers:
      - name: main
        env: [{name: VLLM_ADDITIONAL_ARGS, value: "--max-model-len 8192 --gpu-memory-utilization 0.95"}]
        resources: {limits: {nvidia.com/gpu: "2"}}
"""
PREDICTOR = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llama}
spec:
  predictor:
    nodeSelector: {nvidia.com/gpu.product: NVIDIA-A10G}
    model:
      modelFormat: {name: huggingface}
      args: [--model_name=llama, --max-model-len=4096]
      storageUri: hf://meta-llama/Llama-3.1-8B-Instruct
      resources: {limits: {nvidia.com/gpu: 1}}
"""
RUNTIME = """\
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: vllm}
spec:
  containers:
    - {name: kserve-container, image: "vllm/vllm-openai:v0.9.2", args: [--model=/mnt/models, --port=8080]}
"""


def read(text: str) -> list[Workload]:
    document = source.read("service.yaml", text.encode()).documents[0]
    assert kserve.recognise(document)
    return list(kserve.read(document, Context(source.read)))


def only(text: str) -> tuple[Workload, Serving]:
    [workload] = read(text)
    assert workload.serving is not None
    return workload, workload.serving


@pytest.mark.parametrize(
    "text",
    [
        PREDICTOR.replace("huggingface", "sklearn"),
        PREDICTOR.replace("serving.kserve.io", "example.org"),
        SERVICE.replace("{uri: ", "{address: "),
        SERVICE.replace("- name: main", "- name: main\n        image: ghcr.io/llm-d/llm-d-inference-sim:v0.10.0"),
        RUNTIME.replace("vllm/vllm-openai:v0.9.2", "kserve/sklearnserver:latest"),
        "apiVersion: serving.kserve.io/v1alpha1\nkind: TrainedModel\n",
        "- serving.kserve.io/\n",
        "apiVersion: serving.kserve.io/v1\nkind: {a: b}\n",
    ],
    ids=[
        "another kind of model",
        "another group",
        "a service without a model",
        "a simulator",
        "a runtime of another server",
        "another kind of object",
        "a list",
        "a kind that is a mapping",
    ],
)
def test_what_serves_no_language_model_is_left_alone(text: str) -> None:
    assert not kserve.recognise(source.read("service.yaml", text.encode()).documents[0])


def test_a_service_has_its_arguments_in_a_variable() -> None:
    workload, serving = only(SERVICE)
    assert workload.model is not None
    assert serving.hardware is not None
    assert workload.model.name == "Qwen/Qwen2.5-7B-Instruct"
    assert (serving.context, serving.memory_utilization, serving.tensor_parallel) == (8192, 0.95, 2)
    assert (serving.hardware.name, serving.hardware.count) == ("L4", 2)
    assert workload.origins["deployment.tensor_parallel"].path == ("spec", "parallelism", "tensor")


def test_a_model_in_a_volume_is_known_by_the_name_that_it_is_served_by() -> None:
    workload, _ = only(SERVICE.replace("hf://Qwen/Qwen2.5-7B-Instruct", "pvc://claim/models"))
    assert workload.model is not None
    assert workload.model.name == "Qwen/Qwen2.5-7B-Instruct"


def test_what_prefills_is_a_deployment_of_its_own() -> None:
    prefill = "  prefill: {parallelism: {tensor: 1}, template: {containers: [{name: main}]}}\n"
    found = read(SERVICE + prefill)
    assert [workload.name for workload in found] == ["qwen", "qwen (prefill)"]
    assert [workload.serving.tensor_parallel for workload in found if workload.serving is not None] == [2, 1]


def test_pods_that_share_ranks_of_data_parallelism_are_counted_together() -> None:
    _, serving = only(SERVICE.replace("{tensor: 2}", "{data: 8, dataLocal: 2, tensor: 1, expert: true}"))
    assert serving.hardware is not None
    assert (serving.hardware.count, serving.data_parallel) == (8, 8)
    assert serving.engine_args["enable_expert_parallel"] is True


def test_a_predictor_has_the_models_address_beside_its_arguments() -> None:
    workload, serving = only(PREDICTOR)
    assert workload.model is not None
    assert serving.hardware is not None
    assert workload.model.name == "meta-llama/Llama-3.1-8B-Instruct"
    assert (serving.context, serving.hardware.name, serving.hardware.count) == (4096, "A10G", 1)


def test_a_model_id_among_the_arguments_wins() -> None:
    workload, _ = only(PREDICTOR.replace("--model_name=llama", "--model_id=Qwen/Qwen3-8B"))
    assert workload.model is not None
    assert workload.model.name == "Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (RUNTIME, "model"),
        (PREDICTOR.replace("hf://meta-llama", "s3://${bucket}/meta-llama"), "model"),
        (PREDICTOR.replace("huggingface", "nvidia-nim-llama3-8b-instruct"), "serving"),
    ],
    ids=["a runtime, whose models stand elsewhere", "a bucket that is filled in later", "NVIDIA NIM"],
)
def test_what_cannot_be_known_is_said(text: str, what: str) -> None:
    [workload] = read(text)
    assert [entry.what for entry in workload.not_checked] == [what]


def test_a_container_of_ones_own_is_read_as_in_any_pod() -> None:
    container = "{name: a, image: 'vllm/vllm-openai:v0.9.2', args: [--model, Qwen/Qwen3-8B, --max-model-len, '4096']}"
    head = PREDICTOR.partition("spec:")[0]
    workload, serving = only(f"{head}spec: {{predictor: {{containers: [{container}]}}}}\n")
    assert workload.model is not None
    assert (workload.model.name, serving.context) == ("Qwen/Qwen3-8B", 4096)


@pytest.mark.parametrize(
    "spec",
    [
        "{supportedModelFormats: [{name: huggingface}], containers: [{image: kserve/huggingfaceserver:v0.15}]}",
        "{supportedModelFormats: [{name: nvidia-nim-llama3-8b}], containers: [{image: ours}]}",
        "{template: {containers: [{image: ours, command: [bash, -c, 'eval \"exec vllm serve /mnt/models $@\"']}]}}",
    ],
    ids=["the runtime of Hugging Face's models", "a NIM's", "a script"],
)
def test_runtimes_of_language_models_say_that_they_have_none(spec: str) -> None:
    text = f"apiVersion: serving.kserve.io/v1alpha1\nkind: ClusterServingRuntime\nmetadata: {{name: a}}\nspec: {spec}"
    document = source.read("runtime.yaml", text.encode()).documents[0]
    assert kserve.recognise(document)
    [found] = kserve.read(document, Context(source.read))
    assert (found.model, found.not_checked) == (None, (kserve.OF_SERVICES,))
