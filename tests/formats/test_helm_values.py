"""Values of Helm charts that deploy vLLM, and scenarios of llm-d's benchmark."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import llm_d, llm_d_benchmark, production_stack
from planner.formats.context import Context
from planner.workload import Hardware, Serving, Workload

STACK = """\
servingEngineSpec:
  modelSpec:
    - name: llama
      repository: vllm/vllm-openai
      tag: v0.9.2
      modelURL: meta-llama/Llama-3.1-8B-Instruct
      requestGPU: 2
      vllmConfig: {maxModelLen: 4096, tensorParallelSize: 2, gpuMemoryUtilization: "0.8", extraArgs: [EXTRA]}
"""
LLM_D = """\
modelArtifacts: {name: Qwen/Qwen3-8B, uri: "hf://{{ .Values.modelArtifacts.name }}"}
decode:
  parallelism: {tensor: 2}
  acceleratorTypes: {labelKey: nvidia.com/gpu.product, labelValues: [NVIDIA-L4]}
  containers:
    - {name: vllm, image: "ghcr.io/llm-d/llm-d-cuda:v0.3", modelCommand: vllmServe, args: [--max-model-len=2048]}
prefill: {create: false}
"""
SCENARIO = """\
scenario:
  - name: one
    common:
      model: {huggingfaceId: Qwen/Qwen3-8B, maxModelLen: 16000, gpuMemoryUtilization: 0.9}
      acceleratorType: {labelKey: nvidia.com/gpu.product, labelValue: NVIDIA-L4}
    decode: {parallelism: {tensor: 2, workers: 2}, replicas: 1}
    prefill: {replicas: 0}
"""


def stack(text: str) -> list[Workload]:
    document = source.read("values.yaml", text.encode()).documents[0]
    assert production_stack.recognise(document)
    return list(production_stack.read(document, Context(source.read)))


def serving(workloads: list[Workload]) -> Serving:
    [workload] = workloads
    assert workload.serving is not None
    return workload.serving


class TestOthersFiles:
    @pytest.mark.parametrize(
        "text",
        [
            "servingEngineSpec: {modelSpec: []}\n",
            "servingEngineSpec: {modelSpec: [{name: a}]}\n",
            "modelSpec: [{modelURL: a/b}]\n",
            "modelArtifacts: {name: a/b}\n",
            "modelArtifacts: {}\ndecode: {containers: [{image: vllm}]}\n",
            "modelArtifacts: {name: a/b}\ndecode: {create: false, containers: [{image: vllm}]}\n",
            "scenario: [{name: login, steps: []}]\n",
            "scenario: {common: {model: {huggingfaceId: a/b}}}\n",
            "- a\n",
        ],
        ids=[
            "no models",
            "a model without an address",
            "models of another chart",
            "a model without pods",
            "pods without a model",
            "no role is created",
            "a test scenario",
            "a scenario that is no list",
            "a list",
        ],
    )
    def test_are_left_alone(self, text: str) -> None:
        document = source.read("values.yaml", text.encode()).documents[0]
        assert not any(module.recognise(document) for module in (production_stack, llm_d, llm_d_benchmark))


class TestProductionStack:
    def test_options_are_vllms_in_another_spelling(self) -> None:
        found = serving(stack(STACK.replace("EXTRA", "--enforce-eager")))
        assert (found.context, found.tensor_parallel, found.memory_utilization) == (4096, 2, 0.8)
        assert found.engine is not None
        assert found.engine.version == (0, 9, 2)
        assert found.engine_args["enforce_eager"] is True
        assert found.hardware == Hardware(count=2)

    def test_the_last_argument_wins_as_it_does_in_the_pod(self) -> None:
        assert serving(stack(STACK.replace("EXTRA", "--max-model-len, '2048'"))).context == 2048

    def test_what_is_stated_points_at_its_key(self) -> None:
        [workload] = stack(STACK.replace("EXTRA", ""))
        path = ("servingEngineSpec", "modelSpec", 0, "vllmConfig", "maxModelLen")
        assert workload.origins["deployment.context"].path == path
        assert workload.origins["model"].path == ("servingEngineSpec", "modelSpec", 0, "modelURL")

    def test_a_model_without_gpus_has_no_hardware(self) -> None:
        assert serving(stack(STACK.replace("requestGPU: 2", "requestGPU: 0"))).hardware is None

    def test_nodes_that_ray_joins_hold_the_model_together(self) -> None:
        text = STACK.replace("tensorParallelSize: 2", "pipelineParallelSize: 2, tensorParallelSize: 2")
        text = text.replace("      requestGPU", "      raySpec: {headNode: {}}\n      requestGPU")
        assert serving(stack(text)).hardware == Hardware(count=4)

    def test_a_slice_is_named_by_its_resource(self) -> None:
        terms = "nodeSelectorTerms: [{matchExpressions: [{key: nvidia.com/gpu.product, operator: In, values: [H100]}]}]"
        text = STACK.replace(
            "      requestGPU: 2", f"      requestGPU: 1\n      requestGPUType: nvidia.com/mig-3g.40gb\n      {terms}"
        )
        hardware = serving(stack(text)).hardware
        assert hardware is not None
        assert hardware.name == "MIG 3g.40gb of H100-80GB SXM"


class TestModelservice:
    def read(self, text: str) -> list[Workload]:
        document = source.read("values.yaml", text.encode()).documents[0]
        assert llm_d.recognise(document)
        return list(llm_d.read(document, Context(source.read)))

    def test_a_reference_to_the_name_is_filled_in(self) -> None:
        [workload] = self.read(LLM_D)
        assert workload.model is not None
        assert workload.model.name == "Qwen/Qwen3-8B"

    def test_devices_are_counted_by_the_parallelism_as_the_chart_does(self) -> None:
        found = serving(self.read(LLM_D))
        assert found.hardware is not None
        assert (found.tensor_parallel, found.context) == (2, 2048)
        assert (found.hardware.name, found.hardware.count) == ("L4", 2)

    @pytest.mark.parametrize(
        ("image", "because"),
        [
            ("ghcr.io/llm-d/llm-d-inference-sim:latest", "a simulator answers for the model and holds nothing"),
            ("ours", "its command starts no engine that planner knows"),
        ],
    )
    def test_an_image_of_which_nothing_is_known_is_said(self, image: str, because: str) -> None:
        text = LLM_D.replace("ghcr.io/llm-d/llm-d-cuda:v0.3", image).replace("vllmServe", "imageDefault")
        [found] = self.read(text.replace("[--max-model-len=2048]", "[]"))
        assert [item.because for item in found.not_checked] == [because]

    def test_each_role_is_a_deployment(self) -> None:
        text = LLM_D.replace("{create: false}", "{containers: [{modelCommand: vllmServe, image: x}]}")
        assert [workload.name for workload in self.read(text)] == [
            "Qwen/Qwen3-8B (decode)",
            "Qwen/Qwen3-8B (prefill)",
        ]


class TestScenarios:
    def read(self, text: str) -> list[Workload]:
        document = source.read("scenario.yaml", text.encode()).documents[0]
        assert llm_d_benchmark.recognise(document)
        return list(llm_d_benchmark.read(document, Context(source.read)))

    def test_parts_share_the_model(self) -> None:
        found = serving(self.read(SCENARIO))
        assert found.hardware is not None
        assert (found.context, found.memory_utilization, found.tensor_parallel) == (16000, 0.9, 2)
        assert (found.hardware.name, found.hardware.count) == ("L4", 4)

    def test_a_command_knows_what_the_benchmark_sets(self) -> None:
        command = "vllm serve /cache/$MODEL_PATH --max-model-len $VLLM_MAX_MODEL_LEN --pipeline-parallel-size $PP_SIZE"
        extra = f"vllm: {{customCommand: '{command}'}}, extraEnvVars: [{{name: PP_SIZE, value: '2'}}], replicas: 1"
        found = serving(self.read(SCENARIO.replace("replicas: 1", extra)))
        assert (found.context, found.pipeline_parallel) == (16000, 2)

    @pytest.mark.parametrize(
        ("common", "because"),
        [
            ("accelerator: {count: 0}", "it is served from the host's memory, of which nothing is known"),
            (
                "images: {vllm: {repository: ghcr.io/llm-d/llm-d-inference-sim}}",
                "a simulator answers for the model and holds nothing",
            ),
        ],
        ids=["no accelerator", "a simulator"],
    )
    def test_scenarios_that_run_no_model_on_an_accelerator_say_so(self, common: str, because: str) -> None:
        [found] = self.read(SCENARIO.replace("    common:\n", f"    common:\n      {common}\n"))
        assert (found.model, found.serving) == (None, None)
        assert [item.because for item in found.not_checked] == [because]

    def test_what_parts_have_in_common_may_stand_beside_them(self) -> None:
        text = SCENARIO.replace("    common:\n", "").replace("      model:", "    model:")
        [found] = self.read(text.replace("      accel", "    accel"))
        assert found.model is not None
        assert found.model.name == "Qwen/Qwen3-8B"
        assert found.origins["deployment.context"].path == ("scenario", 0, "model", "maxModelLen")
