"""Runs by the names of TrainingArguments: TRL, open-instruct, fms-hf-tuning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

SFT = "model_name_or_path: Qwen/Qwen2.5-1.5B-Instruct\ndataset_name: x\nlearning_rate: 1e-5\noutput_dir: y\n"
GRPO = SFT + "num_generations: 8\nreward_funcs: [accuracy]\nmax_prompt_length: 256\nmax_completion_length: 1024\n"
TULU = """
model_name_or_path: meta-llama/Llama-3.1-8B
use_slow_tokenizer: false
dataset_mixer: {a: 1.0}
max_seq_length: 4096
per_device_train_batch_size: 1
gradient_accumulation_steps: 4
num_train_epochs: 2
with_tracking: true
"""


@pytest.mark.parametrize(
    "text",
    [
        "model_name_or_path: bert-base-uncased\nmax_length: 128",
        "model: x\nlearning_rate: 1\noutput_dir: y\nmax_steps: 3\nlr_scheduler_type: cosine",
    ],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_defaults_are_those_of_trl(plans_of: PlansOf) -> None:
    """SFTConfig: max_length 1024, checkpointing, bf16; ModelConfig: dtype float32; Trainer: batch 8, 3 epochs."""
    (plan,) = plans_of(SFT)
    run = plan.workload.training
    assert (run.framework, run.stage, run.method) == ("trl", "finetune", "full")
    assert (run.sequence_length, run.micro_batch_size, run.gradient_accumulation, run.epochs) == (1024, 8, 1, 3.0)
    assert (run.precision, run.activation_checkpointing) == ("bf16-mixed", "full")
    assert plan.workload.origins["training.sequence_length"].note == "TRL's default"


def test_weights_loaded_in_bfloat16_stay_so(plans_of: PlansOf) -> None:
    assert plans_of(SFT + "torch_dtype: bfloat16\nbf16: true")[0].workload.training.precision == "bf16"


def test_an_adapter_needs_its_switch(plans_of: PlansOf) -> None:
    assert plans_of(SFT + "lora_r: 8")[0].workload.training.method == "full"
    run = plans_of(SFT + "use_peft: true\nload_in_4bit: true")[0].workload.training
    assert (run.method, run.lora.rank, run.lora.targets) == ("qlora", 16, ("q_proj", "v_proj"))


def test_generation_is_reinforcement_learning(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GRPO + "use_vllm: true\nvllm_gpu_memory_utilization: 0.4")
    run = plan.workload.training
    assert (run.stage, run.algorithm, run.sequence_length) == ("rl", "grpo", 1280)
    assert (run.rollout.engine, run.rollout.memory_utilization) == ("vllm", 0.4)
    assert run.reference_model.place == "none"


def test_a_server_has_devices_of_its_own(plans_of: PlansOf) -> None:
    assert plans_of(GRPO + "use_vllm: true\nvllm_mode: server")[0].workload.training.rollout is None


def test_a_divergence_that_counts_needs_a_reference(plans_of: PlansOf) -> None:
    assert plans_of(GRPO + "beta: 0.04")[0].workload.training.reference_model.place == "device"


def test_preference_training(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SFT + "beta: 0.1\nmax_length: 1024")
    assert (plan.workload.training.stage, plan.workload.training.algorithm) == ("preference", "dpo")


def test_open_instruct_checkpoints_nothing_unless_asked(plans_of: PlansOf) -> None:
    (plan,) = plans_of(TULU)
    run = plan.workload.training
    assert plan.workload.format == "open-instruct"
    assert (run.framework, run.activation_checkpointing, run.sequence_length) == ("open-instruct", "none", 4096)
    assert plan.model.total == 8_030_261_248
    assert plan.tokens.verdict == "not-applicable"


def test_a_file_that_filters_data_trains_nothing(plans_of: PlansOf) -> None:
    (plan,) = plans_of(
        "model_name_or_path: Qwen/Qwen2.5-1.5B-Instruct\ndataset_name: x\nnum_generations: 8\nreward_funcs: []"
    )
    assert plan.workload.training is None
    assert any("nothing that is trained" in item.because for item in plan.not_checked)


@pytest.mark.parametrize(
    ("more", "weights"),
    [("", 4), ("dtype: bfloat16", 2), ("torch_dtype: auto", 2)],
    ids=["ModelConfig.dtype is float32", "stated", "as the checkpoint"],
)
def test_the_base_of_an_adapter_stays_in_the_dtype_that_it_is_loaded_in(
    plans_of: PlansOf, more: str, weights: int
) -> None:
    (plan,) = plans_of(SFT + f"use_peft: true\nlora_r: 16\nlora_target_modules: [q_proj]\n{more}\n")
    adapter = 4 * 28 * 16 * (1536 + 1536)
    assert plan.training.per_device.weights == weights * 1_543_714_304 + adapter


def test_the_logits_of_completions_alone_are_computed(plans_of: PlansOf) -> None:
    """GRPOTrainer: logits_to_keep; float32 under autocast, 16 bytes at the peak of selective_log_softmax."""
    (plan,) = plans_of(GRPO + "per_device_train_batch_size: 4\ngradient_checkpointing: true\n")
    run = plan.workload.training
    assert (run.completion_length, run.sequence_length, run.cross_entropy) == (1024, 1280, "selective-float32")
    assert plan.training.per_device.logits == 16 * 4 * 1024 * 151936
