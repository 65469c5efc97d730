"""LLaMA-Factory's runs, of both versions. Defaults are those of src/llamafactory/hparams and v1/config."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

SFT = """
model_name_or_path: meta-llama/Meta-Llama-3-8B-Instruct
stage: sft
do_train: true
finetuning_type: lora
lora_rank: 16
lora_target: all
dataset: identity
template: llama3
cutoff_len: 1024
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
num_train_epochs: 3.0
bf16: true
"""
BARE = "model_name_or_path: meta-llama/Meta-Llama-3-8B-Instruct\ndo_train: true\ntemplate: llama3\ndataset_dir: data\n"
VERSION_1 = """
model: Qwen/Qwen3-4B
model_class: llm
train_dataset: data/v1.yaml
dist_config: {name: fsdp2, dcp_path: null}
micro_batch_size: 2
max_steps: 10
"""


@pytest.mark.parametrize(
    "text",
    [
        "model_name_or_path: x\ntemplate: y",
        "model: Qwen/Qwen3-4B\ntrain_dataset: x",
        "model: {name: x}\ntrain_dataset: x\ndist_config: {name: fsdp2}",
    ],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_an_adapter(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SFT)
    run = plan.workload.training
    assert plan.workload.format == "llama-factory"
    assert (run.stage, run.method, run.lora.rank, run.lora.targets) == ("finetune", "lora", 16, "all-linear")
    assert (run.sequence_length, run.micro_batch_size, run.gradient_accumulation) == (1024, 1, 8)
    assert run.activation_checkpointing == "full"
    assert plan.tokens.verdict == "not-applicable"


def test_defaults(plans_of: PlansOf) -> None:
    (plan,) = plans_of(BARE)
    run, origins = plan.workload.training, plan.workload.origins
    assert (run.method, run.lora.rank, run.sequence_length, run.micro_batch_size) == ("lora", 8, 2048, 8)
    assert run.epochs == 3.0
    assert origins["training.lora"].note == "LLaMA-Factory's default"


@pytest.mark.parametrize(
    ("more", "precision"),
    [("bf16: true", "bf16-mixed"), ("pure_bf16: true", "bf16"), ("", "fp32"), ("fp16: true", "fp16-mixed")],
)
def test_what_is_trained_is_cast_to_float32(plans_of: PlansOf, more: str, precision: str) -> None:
    (plan,) = plans_of(BARE + "finetuning_type: full\n" + more)
    assert plan.workload.training.precision == precision


def test_optimizers_by_their_switches(plans_of: PlansOf) -> None:
    full = BARE + "finetuning_type: full\npure_bf16: true\n"
    galore = plans_of(full + "use_galore: true\ngalore_layerwise: true\ngalore_rank: 128")[0].workload.training
    assert (galore.optimizer, galore.optimizer_rank, galore.optimizer_in_backward) == ("galore", 128, True)
    assert plans_of(full + "use_apollo: true")[0].workload.training.optimizer_rank == 16
    assert plans_of(full + "use_muon: true")[0].workload.training.optimizer == "muon"


@pytest.mark.parametrize(
    ("stage", "ours"),
    [("pt", "continued-pretrain"), ("rm", "preference"), ("dpo", "preference"), ("kto", "preference"), ("ppo", "rl")],
)
def test_stages_are_never_pretraining_from_scratch(plans_of: PlansOf, stage: str, ours: str) -> None:
    (plan,) = plans_of(BARE + f"stage: {stage}\nreward_model: x\nmax_steps: 3")
    assert plan.workload.training.stage == ours
    assert plan.tokens.verdict == "not-applicable"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("export_dir: out", "exports"),
        ("infer_backend: huggingface", "inference"),
        ("do_predict: true\nstage: sft", "evaluates"),
    ],
)
def test_files_that_train_nothing_say_so(plans_of: PlansOf, text: str, why: str) -> None:
    (plan,) = plans_of(BARE.replace("do_train: true\n", "") + text)
    assert plan.workload.training is None
    assert [why in item.because for item in plan.not_checked] == [True]


@pytest.mark.parametrize(
    "more",
    [
        "finetuning_type: full\nuse_badam: true",
        "finetuning_type: freeze\nuse_llama_pro: true",
        "finetuning_type: freeze\nfreeze_trainable_modules: (mlp)+",
    ],
    ids=["layers in turn", "layers between the others", "an expression of groups"],
)
def test_training_of_a_part_is_not_worked_out_as_if_it_were_all(plans_of: PlansOf, more: str) -> None:
    (plan,) = plans_of(BARE + more)
    assert plan.training is None
    assert any("a part of the model" in item.because for item in plan.not_checked)


def test_what_llama_factory_refuses(plans_of: PlansOf) -> None:
    full = BARE + "finetuning_type: full\n"
    for more in ("quantization_bit: 4", "bf16: true\nfp16: true", "pure_bf16: true\ndeepspeed: ds_z3_config.json"):
        problems = plans_of(full + more)[0].workload.problems
        assert "CFG011" in [problem.rule for problem in problems], more
    assert plans_of(SFT)[0].workload.problems == ()


def test_version_1(plans_of: PlansOf) -> None:
    (plan,) = plans_of(VERSION_1)
    run = plan.workload.training
    assert plan.workload.format == "llama-factory-v1"
    assert (run.method, run.sharding, run.precision, run.sequence_length) == ("full", "fsdp", "bf16-mixed", 2048)
    assert (run.steps, run.epochs, run.micro_batch_size) == (10, None, 2)


def test_version_1_without_data_exports(plans_of: PlansOf) -> None:
    (plan,) = plans_of("model: Qwen/Qwen3-4B\npeft_config: {name: lora, export_dir: x}")
    assert plan.workload.training is None


LAYER = 218_112_000
"""Parameters of a layer of Llama 3 8B."""


@pytest.mark.parametrize(
    ("more", "trained"),
    [
        ("", 2 * LAYER),
        ("freeze_trainable_layers: 4", 4 * LAYER),
        ("freeze_trainable_layers: -1", LAYER),
        ("freeze_trainable_modules: mlp", 2 * 3 * 4096 * 14336),
        ("freeze_extra_modules: embed_tokens,lm_head", 2 * LAYER + 2 * 128256 * 4096),
    ],
)
def test_frozen_layers_are_weights_in_16_bit_alone(plans_of: PlansOf, more: str, trained: int) -> None:
    """model/adapter.py, _setup_freeze_tuning: the last 2 layers, cast to float32 (4 + 8 bytes); 2 of the others."""
    (plan,) = plans_of(BARE + f"finetuning_type: freeze\nbf16: true\n{more}\n")
    memory = plan.training.per_device
    assert memory.optimizer == 8 * trained
    assert memory.weights == 2 * 8_030_261_248 + 2 * trained


def test_a_reward_model_drops_its_logits(plans_of: PlansOf) -> None:
    """trl's value head over a causal model: 2 + 4 bytes of logits that nothing derives, two answers an example."""
    (plan,) = plans_of(BARE + "stage: rm\nbf16: true\nfinetuning_type: lora\ncutoff_len: 512\n")
    phases = dict(plan.training.phases)
    (plain,) = plans_of(BARE + "stage: dpo\nbf16: true\nfinetuning_type: lora\ncutoff_len: 512\n")
    batch = 2 * plan.workload.training.micro_batch_size * 512 * 128256
    assert dict(plain.training.phases)["cross-entropy"] - phases["cross-entropy"] == (12 - 6) * batch
