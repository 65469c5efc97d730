"""torchtune's recipes. Expected values are those of recipes/ and torchtune/models in its repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.catalog import models
from planner.formats.torchtune_model import REPOSITORIES, WHOLE, _repository
from planner.memory.training import lora
from planner.plan.training_step import filled
from planner.plan.types import Plan
from planner.rules import RULES
from planner.workload import Companion

PlansOf = Callable[..., list[Plan]]

LORA = """
tokenizer: {_component_: torchtune.models.llama3.llama3_tokenizer, path: /tmp/tokenizer.model, max_seq_len: 4096}
model:
  _component_: torchtune.models.llama3_1.lora_llama3_1_8b
  lora_attn_modules: [q_proj, v_proj, output_proj]
  apply_lora_to_mlp: true
  lora_rank: 16
  lora_dropout: 0.1
checkpointer: {_component_: torchtune.training.FullModelHFCheckpointer, checkpoint_dir: /tmp/llama}
dataset: {_component_: torchtune.datasets.alpaca_cleaned_dataset, packed: true}
optimizer: {_component_: torch.optim.AdamW, fused: true, lr: 3e-4}
loss: {_component_: torchtune.modules.loss.LinearCrossEntropyLoss}
epochs: 3
max_steps_per_epoch: null
batch_size: 2
gradient_accumulation_steps: 8
compile: false
dtype: bf16
enable_activation_checkpointing: true
"""
FULL = """
tokenizer: {max_seq_len: null}
model: {_component_: torchtune.models.qwen2_5.qwen2_5_7b_instruct}
checkpointer: {checkpoint_dir: /tmp/x}
optimizer: {_component_: bitsandbytes.optim.PagedAdamW8bit}
optimizer_in_bwd: true
loss: {_component_: torchtune.modules.loss.CEWithChunkedOutputLoss}
epochs: 2
max_steps_per_epoch: 100
batch_size: 2
dtype: bf16
compile: true
fsdp_cpu_offload: true
"""
PPO = """
tokenizer: {max_seq_len: 512}
policy_model:
  _component_: torchtune.models.llama2.llama2
  vocab_size: 32000
  num_layers: 22
  num_heads: 32
  num_kv_heads: 4
  embed_dim: 2048
  max_seq_len: 2048
  intermediate_dim: 5632
reward_and_value_model: {_component_: torchtune.models.llama2.llama2_classifier}
optimizer: {_component_: torch.optim.AdamW}
loss: {_component_: torchtune.rlhf.loss.PPOLoss}
batch_size: 64
ppo_batch_size: 32
gradient_accumulation_steps: 4
max_generated_tokens: 58
num_steps: 1000
dtype: bf16
"""


@pytest.mark.parametrize(
    "text",
    [
        "model: {_component_: torchtune.datasets.alpaca}\na: 1",
        "model: torchtune.models.llama3.llama3_8b",
        "model: {_component_: [torchtune.models.a]}\ncheckpointer: {}",
        "tokenizer: {_component_: torchtune.models.llama3.llama3_tokenizer}",
        "[{_component_: torchtune.models.llama3.llama3_8b}]",
    ],
    ids=["a data set", "a plain text", "no text", "a tokenizer alone", "a list"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_an_adapter_on_a_model_that_the_builder_names(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LORA)
    run = plan.workload.training
    assert plan.model.total == 8_030_261_248
    assert (run.stage, run.method, run.framework) == ("finetune", "lora", "torchtune")
    assert run.lora.targets == ("q_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    assert (run.lora.rank, run.lora.dropout) == (16, 0.1)
    assert (run.sequence_length, run.micro_batch_size, run.gradient_accumulation, run.epochs) == (4096, 2, 8, 3)
    assert (run.precision, run.cross_entropy, run.activation_checkpointing) == ("bf16", "chunked", "full")
    assert (run.optimizer, run.optimizer_implementation, run.packing) == ("adamw", "fused", True)
    assert plan.training.per_device.peak > plan.training.per_device.weights > 16 * 10**9
    assert plan.tokens.verdict == "not-applicable"


def test_an_unstated_rank_is_torchtunes(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LORA.replace("lora_rank: 16", ""))
    assert plan.workload.training.lora.rank == 8
    assert plan.workload.origins["training.lora.rank"].note == "torchtune's default"


def test_a_quantized_base_and_an_adapter_with_magnitudes(plans_of: PlansOf) -> None:
    (plan,) = plans_of(LORA.replace("lora_llama3_1_8b", "qlora_llama3_1_8b\n  use_dora: true"))
    run = plan.workload.training
    assert (run.method, run.lora.dora, plan.workload.model.quantization.bits) == ("qlora", True, 4)
    (flag,) = plans_of(LORA.replace("lora_rank: 16", "quantize_base: true"))
    assert flag.workload.training.method == "qlora"


def test_all_weights_with_the_optimizer_in_the_backward_pass(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FULL)
    run = plan.workload.training
    assert plan.workload.model.name == "Qwen/Qwen2.5-7B-Instruct"
    assert (run.method, run.optimizer, run.optimizer_in_backward) == ("full", "paged-adamw-8bit", True)
    assert (run.steps, run.epochs, run.kernels, run.offload) == (200, None, "fused", "parameters")


def test_the_length_that_decides_is_asked_for_once_in_torchtunes_words(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FULL)
    said = [item for item in plan.not_checked if "activations" in item.because]
    assert len(said) == 1
    assert "tokenizer.max_seq_len: 2048" in said[0].mend


def test_ppo_has_four_models_and_longer_sequences(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PPO)
    run = plan.workload.training
    assert plan.model.total == 1_100_048_384
    assert (run.stage, run.algorithm) == ("rl", "ppo")
    assert run.critic == run.reference_model == run.reward_model == Companion("device")
    assert (run.sequence_length, run.micro_batch_size) == (512 + 58, 32 // 4)


@pytest.mark.parametrize(("builder", "place"), [("lora_llama3_1_8b", "none"), ("llama3_1_8b", "device")])
def test_a_reference_model_is_the_base_without_its_adapter(plans_of: PlansOf, builder: str, place: str) -> None:
    text = LORA.replace("lora_llama3_1_8b", builder).replace("modules.loss.LinearCrossEntropyLoss", "rlhf.loss.DPOLoss")
    run = plans_of(text)[0].workload.training
    assert (run.stage, run.algorithm, run.reference_model, run.cross_entropy) == (
        "preference", "dpo", Companion(place), "standard",
    )  # fmt: skip


def test_a_teacher_stays_beside_its_student(plans_of: PlansOf) -> None:
    text = LORA + "teacher_model: {_component_: torchtune.models.llama3_1.llama3_1_70b}"
    run = plans_of(text)[0].workload.training
    assert run.teacher_model.place == "device"
    assert run.teacher_model.model.name == "meta-llama/Llama-3.1-70B"


def test_a_recipe_that_trains_nothing_says_so(plans_of: PlansOf) -> None:
    (plan,) = plans_of("model: {_component_: torchtune.models.gemma.gemma_2b}\ncheckpointer: {}\ntokenizer: {}")
    assert plan.workload.training is None
    assert plan.model.total == 2_506_172_416
    assert any("no optimizer" in item.because for item in plan.not_checked)


def test_a_builder_of_ones_own_is_not_known(plans_of: PlansOf) -> None:
    (plan,) = plans_of(FULL.replace("torchtune.models.qwen2_5.qwen2_5_7b_instruct", "mine.models.tiny"))
    assert plan.model is None
    assert any("mine.models.tiny" in item.because for item in plan.not_checked)


@pytest.mark.parametrize(
    ("builder", "name"),
    [
        ("qwen2_5_0_5b", "Qwen/Qwen2.5-0.5B"),
        ("qwen2_0_5b", "Qwen/Qwen2-0.5B"),
        ("qwen3_1_7b_base", "Qwen/Qwen3-1.7B-Base"),
        ("qwen3_32b", "Qwen/Qwen3-32B"),
        ("llama3_8b", "meta-llama/Meta-Llama-3-8B"),
        ("llama3_2_vision_11b", "meta-llama/Llama-3.2-11B-Vision-Instruct"),
        ("llama2_reward_7b", "meta-llama/Llama-2-7b-hf"),
        ("gemma2_27b", "google/gemma-2-27b"),
        ("smollm2_135m", "HuggingFaceTB/SmolLM2-135M"),
        ("phi3_mini", "microsoft/Phi-3-mini-4k-instruct"),
        ("llama3_huge", None),
        ("", None),
    ],
)
def test_builders_have_names_on_the_hub(builder: str, name: str | None) -> None:
    assert _repository(builder) == name


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        ("gemma", "2b 7b"), ("gemma2", "2b 9b 27b"), ("llama2", "7b 13b 70b"), ("llama3", "8b 70b"),
        ("llama3_1", "8b 70b 405b"), ("llama3_2", "1b 3b"), ("llama3_2_vision", "11b 90b"), ("llama3_3", "70b"),
        ("mistral", "7b"), ("qwen2", "0_5b 1_5b 7b"), ("qwen2_5", "0_5b 1_5b 3b 7b 14b 32b 72b"),
        ("qwen3", "0_6b 1_7b 4b 8b 14b 32b"), ("smollm2", "135m 360m 1_7b"),
    ],
)  # fmt: skip
def test_the_catalogue_has_every_size_that_is_built(family: str, sizes: str) -> None:
    for size in sizes.split():
        name = _repository(f"{family}_{size}")
        assert name is not None and models.find(name) is not None


def test_the_catalogue_has_every_other_builder() -> None:
    assert all(models.find(name) for name in WHOLE.values())
    assert all("{}" in pattern for pattern in REPOSITORIES.values())


@pytest.mark.parametrize("more", ["", "decoder_trainable: false"])
def test_a_frozen_decoder_is_not_counted_as_trained(plans_of: PlansOf, more: str) -> None:
    builder = f"model: {{_component_: torchtune.models.llama3_2_vision.llama3_2_vision_11b, {more}}}"
    (plan,) = plans_of(FULL.replace("model: {_component_: torchtune.models.qwen2_5.qwen2_5_7b_instruct}", builder))
    assert plan.workload.training is None
    assert any("the decoder is frozen" in item.because for item in plan.not_checked)
    whole_builder = "torchtune.models.llama3_2_vision.llama3_2_vision_11b, decoder_trainable: true"
    (whole,) = plans_of(FULL.replace("torchtune.models.qwen2_5.qwen2_5_7b_instruct", whole_builder))
    assert whole.workload.training.method == "full"


def test_without_a_length_the_states_are_what_a_device_holds_at_least(plans_of: PlansOf) -> None:
    """16-bit weights of Llama 3.1 8B, its adapter with gradient and two moments; 1 GiB for the process."""
    (plan,) = plans_of(LORA.replace("max_seq_len: 4096", "max_seq_len: null").replace("packed: true", "packed: false"))
    memory, adapter = plan.training.per_device, 4 * 2 * lora.parameters(filled(plan.workload.training, plan.model).step)
    assert memory.peak is None
    assert memory.needed == 2 * 8_030_261_248 + adapter + 2**30
    assert "L4" in plan.training.accelerators_that_fit
    [found] = RULES["REF003"].check(plan)
    assert "besides its activations a training step holds" in found.message
    assert "weights, gradients and optimizer states" in found.message
