"""Pods that start an engine: what is found in a manifest, and what it says."""

from __future__ import annotations

import pytest

from planner import source
from planner.formats import kubernetes
from planner.formats.context import Context
from planner.source.document import Source
from planner.workload import Engine, Workload

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llm}
spec:
  template:
    spec:
      nodeSelector: {cloud.google.com/gke-accelerator: nvidia-l4}
      containers:
      - name: server
        image: vllm/vllm-openai:v0.9.2
        args: ["--model=$(MODEL_ID)", "--max-model-len", "8192"]
        env:
        - {name: MODEL_ID, value: Qwen/Qwen3-8B}
        resources: {limits: {nvidia.com/gpu: "2"}}
"""


def loaded(text: str) -> Source:
    found = source.read("pod.yaml", text.encode())
    assert found is not None
    return found


def read(text: str) -> list[Workload]:
    file = loaded(text)
    context = Context(lambda _: file)
    return [w for d in file.documents if kubernetes.recognise(d) for w in kubernetes.read(d, context)]


def only(text: str) -> Workload:
    (found,) = read(text)
    return found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("apiVersion: v1\nkind: Service\nspec: {selector: {app: vllm}}", id="a service"),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: nginx, args: [--model, a/b]}]}", id="a web server"
        ),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nspec: {initContainers: [{image: vllm/vllm-openai, args: [--model, a/b]}]}",
            id="a container that only prepares the pod",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: vllm/vllm-openai, command: [sleep, infinity]}]}",
            id="an engine's image that sleeps",
        ),
        pytest.param(
            "apiVersion: serving.kserve.io/v1beta1\nkind: X\nspec: {containers: [{image: vllm/vllm-openai}]}",
            id="a kind with a reader of its own",
        ),
        pytest.param("kind: Pod\nspec: {containers: [{image: vllm/vllm-openai}]}", id="no object of Kubernetes"),
        pytest.param("apiVersion: v1\nkind: Pod\nspec: {containers: {image: vllm/vllm-openai}}", id="no list"),
    ],
)
def test_other_objects_are_passed_over(text: str) -> None:
    assert read(text) == []


def test_a_deployment_says_engine_model_context_and_devices() -> None:
    found = only(DEPLOYMENT)
    serving = found.serving
    assert found.name == "llm"
    assert found.model is not None
    assert found.model.name == "Qwen/Qwen3-8B"
    assert serving is not None
    assert (serving.engine, serving.context) == (Engine("vllm", (0, 9, 2)), 8192)
    assert serving.hardware is not None
    assert (serving.hardware.name, serving.hardware.count) == ("L4", 2)


def test_values_point_at_their_lines() -> None:
    found = only(DEPLOYMENT)
    lines = {
        field: found.document.span(origin.path).line
        for field in ("model.name", "deployment.context", "deployment.hardware", "deployment.hardware.count")
        if (origin := found.origins[field]).path is not None
    }
    assert lines == {
        "model.name": 11, "deployment.context": 11, "deployment.hardware": 7, "deployment.hardware.count": 14,
    }  # fmt: skip


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("apiVersion: v1\nkind: Pod\nspec:", id="a pod"),
        pytest.param("apiVersion: batch/v1\nkind: CronJob\nspec:\n jobTemplate:\n  spec:\n   template:\n    spec:",
                     id="a cron job"),
        pytest.param("apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  spec:", id="an item of a list"),
        pytest.param("apiVersion: orchestration.aibrix.ai/v1alpha1\nkind: StormService\nspec:\n template:\n  spec:\n"
                     "   roles:\n   - name: decode\n     template:\n      spec:", id="a role of a service"),
    ],
)  # fmt: skip
def test_a_pod_is_found_wherever_it_is(before: str) -> None:
    assert only(f"{before} {{containers: [{{image: x, command: [vllm, serve, Qwen/Qwen3-8B]}}]}}").model is not None


@pytest.mark.parametrize(
    ("pod", "resources", "name", "count"),
    [
        pytest.param("", "{limits: {nvidia.com/gpu: 4}}", None, 4, id="a number alone"),
        pytest.param("", "{requests: {nvidia.com/gpu: 2}}", None, 2, id="requested"),
        pytest.param("", "{limits: {nvidia.com/mig-4g.71gb: 1}}", "MIG 4g.71gb of H200-141GB SXM", 1, id="a slice"),
        pytest.param("nodeSelector: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}", "{limits: {nvidia.com/gpu: 8}}",
                     "H100-80GB SXM", 8, id="the product of the node"),
        pytest.param("nodeSelector: {nvidia.com/gpu: 'true'}", "{limits: {nvidia.com/gpu: 1}}", None, 1,
                     id="a label that names nothing"),
        pytest.param("nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}", "{limits: {nvidia.com/gpu: 2}}",
                     "H100-80GB SXM", 2, id="two devices of a machine with eight"),
        pytest.param("nodeSelector: {node.kubernetes.io/instance-type: p5.48xlarge}", "{}", "H100-80GB SXM", 8,
                     id="all devices of a machine"),
        pytest.param("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
                     "[{matchExpressions: [{key: cloud.google.com/gke-accelerator, operator: In, "
                     "values: [nvidia-h100-80gb, nvidia-l4]}]}]}}}", "{limits: {nvidia.com/gpu: 1}}", "L4", 1,
                     id="the smallest that is allowed"),
    ],
)  # fmt: skip
def test_devices_are_counted_and_named(pod: str, resources: str, name: str | None, count: int) -> None:
    serving = only(
        "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{image: x, command: [vllm, serve, Qwen/Qwen3-8B], "
        f"resources: {resources}}}]\n  {pod}"
    ).serving
    assert serving is not None
    assert serving.hardware is not None
    assert (serving.hardware.name, serving.hardware.count) == (name, count)


def test_without_devices_none_are_made_up() -> None:
    serving = only("apiVersion: v1\nkind: Pod\nspec: {containers: [{image: x, command: [vllm, serve, a/b]}]}").serving
    assert serving is not None
    assert serving.hardware is None


def test_all_pods_of_a_group_serve_one_model() -> None:
    serving = only(
        "apiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\nspec:\n  leaderWorkerTemplate:\n    size: 2\n"
        "    workerTemplate: {spec: {containers: [{image: x, resources: {limits: {nvidia.com/gpu: 8}}, command: [sh, "
        '-c, "ray.sh leader; vllm serve meta-llama/Llama-3.1-405B --tensor-parallel-size 8 -pp 2"]}]}}'
    ).serving
    assert serving is not None
    assert serving.hardware is not None
    assert (serving.tensor_parallel, serving.pipeline_parallel, serving.hardware.count) == (8, 2, 16)


def test_devices_that_join_through_ray_are_not_counted() -> None:
    serving = only(DEPLOYMENT.replace('"8192"', '"8192", -tp, 16, --distributed-executor-backend, ray')).serving
    assert serving is not None
    assert serving.hardware is not None
    assert serving.hardware.count is None


@pytest.mark.parametrize(
    ("more", "because"),
    [
        pytest.param("--max-model-len=$L", "--max-model-len: $L is not set in this file", id="a context not known"),
        pytest.param("--cpu-offload-gb=$G", "--cpu-offload-gb: $G is not set in this file", id="what is on the host"),
        pytest.param("--quantization=$Q", "--quantization: $Q is not set in this file", id="how it is quantized"),
        pytest.param("--config=/etc/v.yaml", "--config: more options stand in /etc/v.yaml, which is not read",
                     id="options in a file of the container"),
        pytest.param("--max-model-len=long", "--max-model-len cannot be read: long", id="no number"),
    ],
)  # fmt: skip
def test_a_deployment_of_which_something_decisive_is_not_known_is_not_checked(more: str, because: str) -> None:
    found = only(DEPLOYMENT.replace('"8192"', f'"8192", "{more}"'))
    assert found.model is not None
    assert (found.serving, [item.because for item in found.not_checked]) == (None, [because])


CONFIG_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {model: Qwen/Qwen3-8B}\n"
REFERENCE = "{name: MODEL_ID, valueFrom: {configMapKeyRef: {name: settings, key: model}}}"
SECRET = "{name: MODEL_ID, valueFrom: {secretKeyRef: {name: s, key: model}}}"


def test_a_config_map_of_the_same_file_is_read() -> None:
    model = only(DEPLOYMENT.replace("{name: MODEL_ID, value: Qwen/Qwen3-8B}", REFERENCE) + CONFIG_MAP).model
    assert model is not None
    assert model.name == "Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    "variable", [REFERENCE, SECRET, "{name: OTHER, value: x}"], ids=["elsewhere", "secret", "unset"]
)
def test_a_model_that_is_not_known_is_said(variable: str) -> None:
    found = only(DEPLOYMENT.replace("{name: MODEL_ID, value: Qwen/Qwen3-8B}", variable))
    assert found.model is None
    assert [item.because for item in found.not_checked] == ["the model is not known: $MODEL_ID is not set in this file"]


def test_a_server_on_the_processor_is_said() -> None:
    found = only(DEPLOYMENT.replace("vllm-openai:v0.9.2", "vllm-cpu:v0.9.2").replace("limits", "other"
                 ).replace("nodeSelector", "labels"))  # fmt: skip
    assert found.serving is None
    assert found.not_checked[0].because.startswith("it is served from the host's memory")


def test_each_engine_of_an_object_is_a_config() -> None:
    text = (
        "apiVersion: nvidia.com/v1alpha1\nkind: DynamoGraphDeployment\nmetadata: {name: g}\nspec:\n  services:\n"
        "    Frontend: {extraPodSpec: {mainContainer: {image: x, command: [python3, -m, dynamo.frontend]}}}\n"
        "    Prefill: {resources: {limits: {gpu: '4'}}, extraPodSpec: {mainContainer: {command: [python3, -m, "
        "dynamo.vllm, --model, Qwen/Qwen3-8B, -tp, '4']}}}\n"
        "    Decode: {resources: {limits: {gpu: '2'}}, extraPodSpec: {mainContainer: {command: [python3, -m, "
        "dynamo.sglang, --model-path, Qwen/Qwen3-8B, --tp, '2']}}}\n"
    )
    assert [
        (w.name, w.serving.engine.name, w.serving.tensor_parallel, w.serving.hardware.count)
        for w in read(text)
        if w.serving and w.serving.engine and w.serving.hardware
    ] == [("g/Prefill", "vllm", 4, 4), ("g/Decode", "sglang", 2, 2)]


def test_what_a_command_would_print_is_known_only_where_it_runs() -> None:
    command = "vllm serve a/b -tp $(nvidia-smi -L | wc -l)"
    found = only(f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{command: [sh, -c, '{command}']}}]}}")
    assert "-tp: $(nvidia-smi -L | wc -l) is known only where it runs" in [item.because for item in found.not_checked]


SCRIPT = """\
apiVersion: v1
kind: Pod
spec: {containers: [{image: "IMAGE", command: COMMAND, resources: {limits: {nvidia.com/gpu: DEVICES}}}]}
"""


@pytest.mark.parametrize(
    ("image", "command", "devices", "because"),
    [
        ("vllm/vllm-openai:v0.9.1", "[sh, -c, ./start.sh]", 1, ["its command starts ./start.sh, which is not read"]),
        ("lmsysorg/sglang", "[bash, /opt/run.sh, a]", 8, ["its command starts /opt/run.sh, which is not read"]),
        ("vllm/vllm-openai:v0.9.1", "[sh, -c, ./start.sh]", 0, []),
        ("vllm/vllm-openai:v0.9.1", "[sleep, infinity]", 1, []),
        ("vllm/vllm-openai:v0.9.1", "[sh, -c, 'bash /vllm/multi-node-serving.sh worker']", 1, []),
        ("ours/app", "[sh, -c, ./start.sh]", 1, []),
    ],
)
def test_a_script_in_an_engines_image_is_said_to_be_unread(
    image: str, command: str, devices: int, because: list[str]
) -> None:
    text = SCRIPT.replace("IMAGE", image).replace("COMMAND", command).replace("DEVICES", str(devices))
    assert [missing.because for found in read(text) for missing in found.not_checked] == because
