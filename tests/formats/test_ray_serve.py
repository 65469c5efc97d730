"""Ray's ways of saying which models to serve."""

from __future__ import annotations

import re
import textwrap

import pytest

from planner import source
from planner.formats import ray_serve
from planner.formats.context import Context
from planner.workload import Workload

CONFIG = """\
applications:
  - name: llm
    import_path: ray.serve.llm:build_openai_app
    args:
      llm_configs:
        - model_loading_config: {model_id: qwen, model_source: Qwen/Qwen2.5-7B-Instruct}
          accelerator_type: L4
          engine_kwargs: {max_model_len: 8192, tensor_parallel_size: 2, gpu_memory_utilization: "0.8"}
"""
SERVICE = """\
apiVersion: ray.io/v1
kind: RayService
metadata: {name: qwen}
spec:
  serveConfigV2: |
CONFIG
  rayClusterConfig:
    workerGroupSpecs:
      - template:
          spec:
            nodeSelector: {cloud.google.com/gke-accelerator: nvidia-l4}
            containers: [{name: worker, resources: {limits: {nvidia.com/gpu: "2"}}}]
"""
OWN_CODE = """\
applications:
  - import_path: code.serve:model
    runtime_env: {env_vars: {MODEL_ID: google/gemma-7b-it, TENSOR_PARALLELISM: "2"}}
"""
LEGACY = """\
engine_config:
  model_id: llama-chat
  hf_model_id: meta-llama/Llama-2-13b-chat-hf
  engine_kwargs: {max_num_seqs: 48}
  max_total_tokens: 4096
scaling_config:
  num_workers: 2
  num_gpus_per_worker: 1
  resources_per_worker: {accelerator_type_a100_40g: 0.01}
"""


def read(text: str) -> Workload:
    document = source.read("serve.yaml", text.encode()).documents[0]
    assert ray_serve.recognise(document)
    [workload] = ray_serve.read(document, Context(source.read))
    return workload


def service(config: str) -> str:
    return SERVICE.replace("CONFIG", textwrap.indent(config, "    "))


@pytest.mark.parametrize(
    "text",
    [
        "applications: [{import_path: shop.checkout:app, args: {}}]\n",
        "applications: {one: {}}\n",
        OWN_CODE.replace("TENSOR_PARALLELISM", "TEMPERATURE").replace("MODEL_ID", "MODEL"),
        service("applications: [{import_path: diffusion:app}]\n"),
        service(": ["),
        "kind: RayService\nspec: {}\n",
        "engine_config: {model_id: a/b}\n",
        "engine_config: {fuel: diesel}\nscaling_config: {}\n",
        "- applications\n",
    ],
    ids=[
        "an application of another kind",
        "no list of applications",
        "code that need not be vLLM",
        "a service of another kind",
        "a service whose config is broken",
        "a service without a config",
        "an engine without workers",
        "another engine",
        "a list",
    ],
)
def test_what_serves_no_language_model_is_left_alone(text: str) -> None:
    assert not any(ray_serve.recognise(document) for document in source.read("serve.yaml", text.encode()).documents)


@pytest.mark.parametrize("text", [CONFIG, service(CONFIG)], ids=["alone", "in a RayService"])
def test_an_llm_config_has_options_of_vllm(text: str) -> None:
    workload = read(text)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.hardware is not None
    assert (workload.name, workload.model.name) == ("qwen", "Qwen/Qwen2.5-7B-Instruct")
    assert (workload.serving.context, workload.serving.memory_utilization) == (8192, 0.8)
    assert (workload.serving.hardware.name, workload.serving.hardware.count) == ("L4", 2)


def test_values_point_at_their_keys_and_in_a_string_at_the_string() -> None:
    alone, inside = (read(text).origins["deployment.context"].path for text in (CONFIG, service(CONFIG)))
    assert alone == ("applications", 0, "args", "llm_configs", 0, "engine_kwargs", "max_model_len")
    assert inside == ("spec", "serveConfigV2")


def test_a_service_without_an_accelerator_type_runs_on_its_workers() -> None:
    serving = read(service(CONFIG.replace("          accelerator_type: L4\n", ""))).serving
    assert serving is not None
    assert serving.hardware is not None
    assert (serving.hardware.name, serving.hardware.count) == ("L4", 2)


def test_code_of_ones_own_takes_options_from_variables() -> None:
    workload = read(OWN_CODE)
    assert workload.model is not None
    assert workload.serving is not None
    assert (workload.model.name, workload.serving.tensor_parallel) == ("google/gemma-7b-it", 2)


def test_workers_of_rayllm_share_the_model() -> None:
    workload = read(LEGACY)
    assert workload.model is not None
    assert workload.serving is not None
    assert workload.serving.hardware is not None
    assert workload.model.name == "meta-llama/Llama-2-13b-chat-hf"
    assert (workload.serving.context, workload.serving.tensor_parallel) == (4096, 2)
    assert (workload.serving.hardware.count, workload.serving.engine_args["max_num_seqs"]) == (2, 48)
    assert workload.serving.hardware.memory is not None
    assert workload.serving.hardware.memory < 45 * 10**9


def test_a_model_in_a_file_of_the_image_is_said_to_be_unchecked() -> None:
    text = "applications: [{import_path: 'rayllm.backend:app', args: {models: [./models/a.yaml]}}]\n"
    assert [entry.because for entry in read(text).not_checked] == ["the model is described in ./models/a.yaml"]


def test_a_model_that_code_of_ones_own_serves_is_not_checked_further() -> None:
    found = read(OWN_CODE.replace("TENSOR_PARALLELISM", "TEMPERATURE"))
    assert found.model is not None
    assert found.serving is None
    assert [item.because for item in found.not_checked] == ["code of its own serves it"]


def test_code_of_ones_own_with_a_model_of_another_kind_says_nothing() -> None:
    text = re.sub(r"MODEL_ID: [^,\n}]+", "MODEL_ID: ours/diffusion", OWN_CODE)
    text = text.replace("TENSOR_PARALLELISM", "TEMPERATURE")
    document = source.read("serve.yaml", text.encode()).documents[0]
    assert list(ray_serve.read(document, Context(source.read))) == []
