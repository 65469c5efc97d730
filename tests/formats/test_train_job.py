"""Training jobs of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

JOB = """
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: llama2-13b}
spec:
  pytorchReplicaSpecs:
    Worker:
      replicas: 2
      template:
        spec:
          nodeSelector: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}
          containers:
          - name: pytorch
            image: fsdp:latest
            resources: {limits: {nvidia.com/gpu: 8}}
            command:
            - torchrun
            - --nproc_per_node=8
            - /fsdp/train.py
            - --max_context_width=4096
            - --num_key_value_heads=40
            - --intermediate_size=13824
            - --hidden_width=5120
            - --num_layers=40
            - --num_heads=40
            - --model_type=llama_v2
            - --max_steps=50
            - --train_batch_size=1
            - --sharding_strategy=full
            - --offload_activations=1
"""
SCRIPT = """
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: fsdp}
spec:
  pytorchReplicaSpecs:
    Master: {replicas: 1}
    Worker:
      replicas: 3
      template:
        spec:
          containers:
          - name: pytorch
            env: [{name: MODEL, value: meta-llama/Llama-2-7b-hf}]
            resources: {limits: {nvidia.com/gpu: 4}}
            command: [bash, -c, "pip install x && torchrun ft.py --num_epochs=1 --batch_size_training 3 --enable_fsdp
              --pure_bf16 --use_peft --lora_r 8 --model_name $MODEL --output_dir ."]
"""


@pytest.mark.parametrize(
    "text",
    [
        JOB.replace("kind: PyTorchJob", "kind: Deployment"),
        JOB.replace("--hidden_width=5120", "--epochs=3"),
        JOB.replace("--train_batch_size=1", "--a=1").replace("--max_steps=50", "--b=2"),
        "kind: MPIJob\napiVersion: kubeflow.org/v1\nspec: {containers: [{command: [mpirun, all_reduce_perf]}]}",
        "kind: JobSet\napiVersion: 3\nspec: {containers: [{command: '--model_name a --epochs 3'}]}",
    ],
    ids=["another kind", "no model", "nothing to train", "a test of the network", "no group"],
)
def test_other_objects_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_a_model_by_its_sizes_on_the_devices_of_all_replicas(plans_of: PlansOf) -> None:
    (plan,) = plans_of(JOB)
    run = plan.workload.training
    assert plan.workload.name == "llama2-13b"
    assert plan.model.total == pytest.approx(13.2e9, rel=0.01)
    assert (run.sequence_length, run.micro_batch_size, run.steps, run.sharding) == (4096, 1, 50, "fsdp")
    assert (run.activation_checkpointing, run.precision) == ("offloaded", "bf16-mixed")
    assert (run.hardware.count, run.hardware.name) == (16, "H100-80GB SXM")
    assert plan.training.fits is True
    place = plan.workload.origins["training.sequence_length"].path
    assert plan.workload.document.span(place).line == 20


def test_a_script_with_variables(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SCRIPT)
    run = plan.workload.training
    assert plan.workload.model.name == "meta-llama/Llama-2-7b-hf"
    assert (run.stage, run.method, run.lora.rank, run.precision) == ("finetune", "lora", 8, "bf16")
    assert (run.micro_batch_size, run.epochs, run.hardware.count) == (3, 1, 16)


def test_what_is_filled_in_later_is_said(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SCRIPT.replace("replicas: 3", "replicas: $NUM_NODES").replace("$MODEL", "$UNKNOWN"))
    assert plan.workload.training.hardware is None or plan.workload.training.hardware.count is None
    assert any("UNKNOWN" in item.because for item in plan.not_checked)


def test_layers_of_another_kind_are_not_known(plans_of: PlansOf) -> None:
    (plan,) = plans_of(JOB.replace("--model_type=llama_v2", "--rotary_pct=0.25"))
    assert plan.model is None
    assert "layers of the kind gpt_neox are not known" in [item.because for item in plan.not_checked]
