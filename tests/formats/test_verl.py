"""verl's configs. Expected values are those of verl/trainer/config and verl/workers in its repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan
from planner.workload import Companion, Rollout

PlansOf = Callable[..., list[Plan]]

OVERLAY = """
hydra: {searchpath: ['file://verl/trainer/config']}
defaults: [ppo_trainer, _self_]
data: {max_prompt_length: 1024, max_response_length: 3072}
actor_rollout_ref:
  model: {path: Qwen/Qwen3-8B}
  actor: {ppo_micro_batch_size_per_gpu: 2, use_kl_loss: true}
  rollout: {name: sglang, n: 8}
algorithm: {adv_estimator: grpo}
"""


@pytest.mark.parametrize(
    "text",
    ["actor_rollout_ref: on", "actor_rollout_ref: {}", "a: {actor_rollout_ref: {model: 1}}"],
    ids=["a word", "nothing in it", "deeper down"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_an_overlay_lies_over_verls_own_values(plans_of: PlansOf) -> None:
    (plan,) = plans_of(OVERLAY)
    run = plan.workload.training
    assert plan.workload.model.name == "Qwen/Qwen3-8B"
    assert (run.stage, run.algorithm, run.framework, run.sharding) == ("rl", "grpo", "verl", "fsdp")
    assert (run.sequence_length, run.micro_batch_size, run.global_batch_size) == (4096, 2, 256 * 8)
    assert (run.precision, run.activation_checkpointing, run.hardware.count) == ("bf16-mixed", "full", 8)
    assert run.rollout == Rollout("sglang", 0.5, 2, sleeps=True)
    assert (run.reference_model, run.critic, run.reward_model) == (
        Companion("host"), Companion("none"), Companion("none"),
    )  # fmt: skip
    assert plan.workload.origins["training.hardware.count"].note.startswith("verl's default")
    assert plan.workload.origins["training.micro_batch_size"].kind == "key"
    assert not any("ppo_trainer" in item.because for item in plan.not_checked)
    assert plan.tokens.verdict == "not-applicable"


def test_ppo_trains_a_critic_too(plans_of: PlansOf) -> None:
    text = OVERLAY.replace("adv_estimator: grpo", "adv_estimator: gae") + "critic: {model: {path: Qwen/Qwen3-4B}}"
    run = plans_of(text)[0].workload.training
    assert (run.algorithm, run.critic.place, run.critic.model.name) == ("ppo", "device", "Qwen/Qwen3-4B")


def test_dynamic_batches_are_counted_in_tokens(plans_of: PlansOf) -> None:
    text = OVERLAY.replace("ppo_micro_batch_size_per_gpu: 2", "use_dynamic_bsz: true, ppo_max_token_len_per_gpu: 16384")
    assert plans_of(text)[0].workload.training.micro_batch_size == 16384 // 4096


def test_an_adapter_is_its_own_reference(plans_of: PlansOf) -> None:
    run = plans_of(OVERLAY.replace("path: Qwen/Qwen3-8B", "path: Qwen/Qwen3-8B, lora_rank: 32"))[0].workload.training
    assert (run.method, run.lora.rank, run.reference_model) == ("lora", 32, Companion("none"))


def test_an_engine_with_nodes_of_its_own_takes_no_memory(plans_of: PlansOf) -> None:
    assert plans_of(OVERLAY + "rollout: {nnodes: 1, n_gpus_per_node: 8}")[0].workload.training.rollout is None


def test_megatron(plans_of: PlansOf) -> None:
    text = OVERLAY.replace("actor: {", "actor: {strategy: megatron, megatron: {tensor_model_parallel_size: 4}, ")
    run = plans_of(text)[0].workload.training
    assert (run.framework, run.sharding, run.tensor_parallel) == ("megatron", "zero1", 4)


def test_a_model_from_the_command_line_is_not_checked(plans_of: PlansOf) -> None:
    (plan,) = plans_of(OVERLAY.replace("model: {path: Qwen/Qwen3-8B}", "model: {trust_remote_code: true}"))
    assert plan.model is None
    assert [item.mend for item in plan.not_checked if item.what == "model"] == [
        "give it as `actor_rollout_ref.model.path`"
    ]


SFT = """
data: {train_batch_size: 64, micro_batch_size_per_gpu: 2, max_length: 2048}
model:
  partial_pretrain: Qwen/Qwen2.5-0.5B-Instruct
  fsdp_config: {model_dtype: bf16}
trainer: {total_epochs: 2, n_gpus_per_node: 4}
"""


def test_other_models_to_start_from_are_left_alone(plans_of: PlansOf) -> None:
    assert plans_of("model: {partial_pretrain: x}\nloss: mse") == []


def test_supervised_fine_tuning(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SFT)
    run = plan.workload.training
    assert (plan.workload.format, run.stage, run.method, run.sharding) == ("verl-sft", "finetune", "full", "fsdp")
    assert (run.micro_batch_size, run.global_batch_size, run.sequence_length, run.precision) == (2, 64, 2048, "bf16")
    assert run.hardware.count == 4
    assert plan.training.per_device.optimizer == 2 * 2 * 494_032_768 // 4


def test_what_supervised_fine_tuning_does_not_state_is_verls(plans_of: PlansOf) -> None:
    """verl/trainer/config/sft_trainer.yaml."""
    (plan,) = plans_of("model: {partial_pretrain: Qwen/Qwen2.5-0.5B-Instruct, lora_rank: 8}\ndata: {x: 1}\n")
    run = plan.workload.training
    assert (run.micro_batch_size, run.global_batch_size, run.sequence_length) == (4, 256, 1024)
    assert (run.lora.rank, run.lora.targets, run.precision, run.hardware.count) == (8, "all-linear", "bf16-mixed", 8)
    assert run.activation_checkpointing == "full"
