"""The devices of pods: numbers that contradict each other, products that no node has, devices that nobody uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import discover, pipeline
from planner.finding import Finding

POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: llm}}
spec:
  nodeSelector: {{{label}}}
  containers:
  - name: server
    image: vllm/vllm-openai:v0.9.2
    args: [--model, Qwen/Qwen3-0.6B, --max-model-len, "4096"{args}]
    resources: {{{resources}}}
"""
L4 = "cloud.google.com/gke-accelerator: nvidia-l4"
ONE = "limits: {nvidia.com/gpu: 1}"


def lint(folder: Path, label: str = L4, resources: str = ONE, args: str = "") -> dict[str, Finding]:
    file = folder / "pod.yaml"
    file.write_text(POD.format(label=label, resources=resources, args=args))
    report = pipeline.run(discover.find([str(file)]), pipeline.Options())
    return {finding.rule: finding for finding in report.findings}


@pytest.mark.parametrize(
    "pod",
    [
        pytest.param({}, id="one device"),
        pytest.param(
            {"resources": 'requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: "1"}'}, id="the same twice"
        ),
        pytest.param({"resources": "requests: {nvidia.com/gpu: 1}"}, id="a request alone"),
        pytest.param({"resources": f"requests: {{memory: 1Gi}}, {ONE[:-1]}, memory: 2Gi}}"}, id="memory of the host"),
        pytest.param({"resources": "limits: {nvidia.com/gpu: 2}", "args": ', -tp, "2"'}, id="tensor parallel"),
        pytest.param(
            {"resources": "limits: {nvidia.com/gpu: 8}", "args": ', -tp, "4", -dp, "2"'}, id="replicas of the model"
        ),
        pytest.param({"label": "gpu: 'true'"}, id="a label of one's own"),
        pytest.param({"label": "nvidia.com/gpu.product: NVIDIA-L40S"}, id="a product"),
        pytest.param({"label": "nvidia.com/gpu.product: YOUR_GPU_PRODUCT"}, id="a placeholder"),
        pytest.param({"label": "nvidia.com/gpu.product: '{{ .Values.gpu }}'"}, id="a template"),
        pytest.param({"label": "node.kubernetes.io/instance-type: ours-1"}, id="a machine that nobody knows"),
    ],
)
def test_pods_that_may_be_right_are_left_alone(tmp_path: Path, pod: dict[str, str]) -> None:
    assert lint(tmp_path, **pod).keys() <= {"REF003"}


def test_of_devices_requests_must_equal_limits(tmp_path: Path) -> None:
    found = lint(tmp_path, resources="requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}", args=', -tp, "2"')
    assert (found["PAR010"].level, found["PAR010"].line) == ("error", 10)
    assert "1 nvidia.com/gpu are requested and the limit is 2" in found["PAR010"].message


def test_devices_that_the_engine_does_not_use_are_idle(tmp_path: Path) -> None:
    found = lint(tmp_path, resources="limits: {nvidia.com/gpu: 8}", args=', -tp, "2", -pp, "2"')["PAR011"]
    assert found.message == "vllm uses 4 of 8 devices (tensor 2 × pipeline 2 parallel); 4 stay idle"
    assert found.help == "ask for 4, or let the engine use them: tensor_parallel 4"


def test_engines_that_a_script_starts_side_by_side_share_the_devices(tmp_path: Path) -> None:
    script = "vllm serve a/b --port 1 & vllm serve a/c --port 2"
    file = tmp_path / "pod.yaml"
    text = POD.format(label=L4, resources="limits: {nvidia.com/gpu: 2}", args="")
    start, end = text.index("    args:"), text.index("    resources")
    file.write_text(f'{text[:start]}    command: [bash, -c, "{script}"]\n{text[end:]}')
    report = pipeline.run(discover.find([str(file)]), pipeline.Options())
    assert {finding.rule for finding in report.findings}.isdisjoint({"PAR002", "PAR011"})


@pytest.mark.parametrize(
    ("label", "product"),
    [
        ("nvidia.com/gpu.product: NVIDIA-H100-80GB-HMB3", "NVIDIA-H100-80GB-HMB3"),
        ("karpenter.k8s.aws/instance-gpu-name: h10", "h10"),
    ],
)
def test_a_product_that_no_node_has_is_said(tmp_path: Path, label: str, product: str) -> None:
    found = lint(tmp_path, label=label)["REF002"]
    assert (found.level, found.line) == ("warning", 5)
    assert f"no accelerator is called `{product}`" in found.message


@pytest.mark.parametrize(
    ("label", "resource", "name"),
    [
        ("nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3", "nvidia.com/mig-3g.40gb", "MIG 3g.40gb"),
        ("cloud.google.com/gke-accelerator: nvidia-tesla-a100", "nvidia.com/gpu", "A100-40GB"),
        ("karpenter.k8s.aws/instance-gpu-name: l40s", "nvidia.com/gpu", "L40S"),
        ("node.kubernetes.io/instance-type: g6.xlarge", "nvidia.com/gpu", "L4"),
        ("amd.com/gpu.product-name: AMD_Instinct_MI300X_OAM", "amd.com/gpu", "MI300X"),
        ("cloud.google.com/gke-tpu-accelerator: tpu-v6e-slice", "google.com/tpu", "TPU v6e"),
    ],
)
def test_labels_of_clouds_and_makers_name_the_product(tmp_path: Path, label: str, resource: str, name: str) -> None:
    file = tmp_path / "pod.yaml"
    file.write_text(POD.format(label=label, resources=f"limits: {{{resource}: 1}}", args=""))
    [plan] = pipeline.run(discover.find([str(file)]), pipeline.Options(plans=True)).plans
    assert plan.workload.serving is not None
    assert plan.workload.serving.hardware is not None
    assert name in str(plan.workload.serving.hardware.name)
    assert plan.workload.serving.hardware.count == 1


@pytest.mark.parametrize(
    ("label", "resource"),
    [
        ("node.kubernetes.io/instance-type: inf2.8xlarge", "aws.amazon.com/neuron"),
        ("cloud.google.com/gke-tpu-accelerator: tpu7x", "google.com/tpu"),
        ("kubernetes.io/arch: arm64", "huawei.com/Ascend910"),
    ],
)
def test_chips_of_several_cores_are_not_counted_as_the_devices_that_engines_count(
    tmp_path: Path, label: str, resource: str
) -> None:
    """Inferentia2 has two NeuronCores a chip, TPU v7x two TensorCores, Ascend 910C two dies: these count."""
    found = lint(tmp_path, label=label, resources=f"limits: {{{resource}: 1}}", args=', -tp, "2"')
    assert found.keys().isdisjoint({"PAR002", "PAR011"})
