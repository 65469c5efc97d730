"""NeMo RL's configs. Expected values are those of nemo_rl/ and examples/configs in its repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from planner.formats import registry
from planner.formats.context import Context
from planner.plan import make_plan
from planner.plan.types import Plan
from planner.source import read
from planner.workload import Companion, Rollout

PlansOf = Callable[..., list[Plan]]

GRPO = """
grpo: {num_prompts_per_step: 32, num_generations_per_prompt: 16, max_num_steps: 1000000}
loss_fn: {reference_policy_kl_penalty: 0.01}
policy:
  model_name: Qwen/Qwen2.5-1.5B
  tokenizer: {name: "${policy.model_name}"}
  train_global_batch_size: 512
  train_micro_batch_size: 4
  max_total_sequence_length: 512
  precision: bfloat16
  dtensor_cfg:
    enabled: true
    cpu_offload: false
    activation_checkpointing: true
    tensor_parallel_size: 2
    context_parallel_size: 1
    lora_cfg: {enabled: false, dim: 8}
  megatron_cfg: {enabled: false, tensor_model_parallel_size: 4}
  optimizer: {name: torch.optim.AdamW, kwargs: {lr: 5.0e-6}}
  sequence_packing: {enabled: true}
  generation:
    backend: vllm
    vllm_cfg: {tensor_parallel_size: 1, gpu_memory_utilization: 0.6}
    colocated: {enabled: true, resources: {gpus_per_node: null, num_nodes: null}}
cluster: {gpus_per_node: 8, num_nodes: 2}
"""
MEGATRON = """
defaults: base.yaml
policy:
  model_name: Qwen/Qwen3-30B-A3B
  dtensor_cfg: {enabled: false}
  optimizer: null
  megatron_cfg:
    enabled: true
    tensor_model_parallel_size: 4
    expert_model_parallel_size: 8
    sequence_parallel: true
    activation_checkpointing: true
    peft: {enabled: true, dim: 32}
    optimizer: {optimizer: adam, use_distributed_optimizer: true, optimizer_cpu_offload: true}
    distributed_data_parallel_config: {grad_reduce_in_fp32: false}
  generation:
    colocated: {enabled: false, resources: {num_nodes: 1, gpus_per_node: 8}}
"""


@pytest.fixture
def of_files(tmp_path: Path) -> PlansOf:
    def plans(own: str, **files: str) -> list[Plan]:
        for name, text in {**files, "own": own}.items():
            (tmp_path / f"{name}.yaml").write_text(text)
        source = read(str(tmp_path / "own.yaml"))
        return [make_plan(found) for found in registry.read(source, Context(read))]

    return plans


@pytest.mark.parametrize(
    "text",
    [
        "policy: deny\ngrpo: {}",
        "policy: {name: a, rules: []}\ncluster: {}",
        "policy: {model_name: Qwen/Qwen3-8B}",
        "policies: {model_name: a}\ngrpo: {}",
        "apiVersion: v1\nkind: NetworkPolicy\nspec: {policy: {generation: 1}}",
    ],
    ids=["a word", "a policy of something else", "nothing around it", "another key", "a Kubernetes object"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_grpo_trains_float32_weights_beside_an_engine_that_sleeps(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GRPO)
    run = plan.workload.training
    assert plan.workload.model.name == "Qwen/Qwen2.5-1.5B"
    assert (run.stage, run.algorithm, run.method, run.steps) == ("rl", "grpo", "full", None)
    assert (run.precision, run.sharding, run.optimizer) == ("bf16-mixed", "fsdp", "adamw")
    assert (run.sequence_length, run.micro_batch_size, run.global_batch_size) == (512, 4, 512)
    assert (run.tensor_parallel, run.activation_checkpointing, run.packing) == (2, "full", True)
    assert run.reference_model == Companion("host")
    assert run.rollout == Rollout("vllm", 0.6, 1, sleeps=True)
    assert run.hardware.count == 16
    assert plan.tokens.verdict == "not-applicable"


def test_without_a_penalty_there_is_no_reference_model(plans_of: PlansOf) -> None:
    run = plans_of(GRPO.replace("penalty: 0.01", "penalty: 0"))[0].workload.training
    assert run.reference_model == Companion("none")


@pytest.mark.parametrize(
    ("nodes", "resources", "left"),
    [(2, "num_nodes: 1", 8), (1, "gpus_per_node: 2", 6), (4, "num_nodes: 3, gpus_per_node: 8", 8)],
)
def test_devices_that_only_generate_do_not_train(plans_of: PlansOf, nodes: int, resources: str, left: int) -> None:
    text = GRPO.replace("enabled: true, resources: {gpus_per_node: null, num_nodes: null}",
                        f"enabled: false, resources: {{{resources}}}")  # fmt: skip
    run = plans_of(text.replace("num_nodes: 2}", f"num_nodes: {nodes}}}"))[0].workload.training
    assert (run.hardware.count, run.rollout) == (left, None)


def test_a_config_is_read_over_what_it_builds_on(of_files: PlansOf) -> None:
    (plan,) = of_files(MEGATRON, base=GRPO)
    run = plan.workload.training
    assert plan.workload.model.name == "Qwen/Qwen3-30B-A3B"
    assert (run.framework, run.method, run.lora.rank) == ("megatron", "lora", 32)
    assert (run.tensor_parallel, run.expert_parallel, run.sequence_parallel) == (4, 8, True)
    assert (run.sharding, run.gradient_dtype, run.offload) == ("zero1", "bfloat16", "optimizer")
    assert (run.sequence_length, run.micro_batch_size, run.hardware.count) == (512, 4, 8)
    own, inherited = plan.workload.origins["model.name"], plan.workload.origins["training.sequence_length"]
    assert own.document is None
    assert Path(inherited.document.file).name == "base.yaml"
    assert inherited.document.span(inherited.path).line == 9


def test_a_missing_base_is_named(of_files: PlansOf) -> None:
    (plan,) = of_files(
        "defaults: ../../sft.yaml\npolicy: {max_total_sequence_length: 1024}\ncluster: {gpus_per_node: 8}"
    )
    assert plan.workload.training.stage == "finetune"
    said = [item.because for item in plan.not_checked]
    assert "../../sft.yaml, which this config builds on, is not there: what it states is not known" in said
    assert "the model is named in ../../sft.yaml, which is not there" in said


@pytest.mark.parametrize(
    ("section", "stage", "algorithm"),
    [("sft", "finetune", None), ("dpo", "preference", "dpo"), ("rm", "preference", "reward"), ("ppo", "rl", "ppo")],
)
def test_the_section_tells_the_algorithm(plans_of: PlansOf, section: str, stage: str, algorithm: str) -> None:
    text = GRPO.replace("grpo: {", f"{section}: {{").replace("max_num_steps: 1000000", "max_num_steps: 60")
    run = plans_of(text + "value: {model_name: Qwen/Qwen2.5-0.5B}\n")[0].workload.training
    assert (run.stage, run.algorithm) == (stage, algorithm)
    assert run.steps == (None if stage == "rl" else 60)
    if section == "ppo":
        assert run.critic.model.name == "Qwen/Qwen2.5-0.5B"


def test_distillation_keeps_a_teacher(plans_of: PlansOf) -> None:
    text = GRPO.replace("grpo: {", "distillation: {") + "teacher: {model_name: Qwen/Qwen3-32B}\n"
    assert plans_of(text)[0].workload.training.teacher_model.model.name == "Qwen/Qwen3-32B"
