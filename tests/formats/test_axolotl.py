"""Axolotl's runs. Defaults are those of its schemas (src/axolotl/utils/schemas)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

QLORA = """
base_model: meta-llama/Llama-3.1-8B
load_in_4bit: true
datasets: [{path: tatsu-lab/alpaca, type: alpaca}]
adapter: qlora
lora_r: 32
lora_dropout: 0.05
lora_target_linear: true
sequence_len: 4096
sample_packing: true
micro_batch_size: 2
gradient_accumulation_steps: 4
num_epochs: 3
optimizer: paged_adamw_8bit
bf16: auto
gradient_checkpointing: true
attn_implementation: flash_attention_2
deepspeed:
"""
BARE = """
base_model: meta-llama/Llama-3.1-8B
datasets: [{path: tatsu-lab/alpaca, type: alpaca}]
output_dir: ./out
learning_rate: 1e-5
val_set_size: 0
"""


@pytest.mark.parametrize(
    "text",
    [
        "base_model: resnet50\nlearning_rate: 0.1\noutput_dir: x",
        "base_model: {name: x}\nmerge_method: ties\nmodels: []\nslices: []",
        "model: x\nsequence_len: 512\nmicro_batch_size: 1\ndatasets: []\nadapter: lora",
    ],
    ids=["a classifier", "a merge", "no base"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_a_config_of_few_lines_is_known_by_its_sequence_length(plans_of: PlansOf) -> None:
    (plan,) = plans_of("base_model: meta-llama/Llama-3.1-8B\nsequence_len: 4096\nmicro_batch_size: 2\ndatasets: []\n")
    assert (plan.workload.format, plan.workload.training.micro_batch_size) == ("axolotl", 2)


def test_an_adapter_on_a_four_bit_base(plans_of: PlansOf) -> None:
    (plan,) = plans_of(QLORA)
    run = plan.workload.training
    assert plan.workload.format == "axolotl"
    assert (run.stage, run.method, run.lora.rank, run.lora.targets) == ("finetune", "qlora", 32, "all-linear")
    assert (run.micro_batch_size, run.gradient_accumulation, run.sequence_length) == (2, 4, 4096)
    assert (run.optimizer, run.attention, run.activation_checkpointing) == ("paged-adamw-8bit", "flash", "full")
    assert plan.workload.model.quantization.bits == 4
    assert plan.training.per_device.peak > 0
    assert plan.tokens.verdict == "not-applicable"


def test_what_is_not_stated_is_axolotls_default_and_says_so(plans_of: PlansOf) -> None:
    (plan,) = plans_of(BARE)
    run, origins = plan.workload.training, plan.workload.origins
    assert (run.sequence_length, run.micro_batch_size, run.gradient_accumulation, run.epochs) == (512, 1, 1, 1.0)
    assert (run.optimizer, run.optimizer_implementation) == ("adamw", "fused")
    assert run.activation_checkpointing == "none"
    assert origins["training.sequence_length"].note == "Axolotl's default"


@pytest.mark.parametrize(
    ("more", "precision"),
    [
        ("", "bf16"),
        ("bf16: true\nfsdp_config: {offload_params: false}", "bf16-mixed"),
        ("deepspeed: deepspeed_configs/zero2.json", "bf16-mixed"),
        ("bf16: false\nfp16: true", "fp16-mixed"),
        ("bf16: false", "fp32"),
    ],
    ids=["weights stay bf16", "FSDP casts", "DeepSpeed keeps masters", "fp16", "none"],
)
def test_weights_are_loaded_in_the_precision_of_the_arithmetic(plans_of: PlansOf, more: str, precision: str) -> None:
    (plan,) = plans_of(BARE + more)
    assert plan.workload.training.precision == precision


def test_fsdp_of_both_spellings(plans_of: PlansOf) -> None:
    (old,) = plans_of(BARE + "fsdp: [full_shard, auto_wrap]\nfsdp_config: {fsdp_offload_params: true}")
    (new,) = plans_of(BARE + "fsdp_version: 2\nfsdp_config: {offload_params: true, reshard_after_forward: true}")
    for plan in (old, new):
        assert (plan.workload.training.sharding, plan.workload.training.offload) == ("fsdp", "parameters")


@pytest.mark.parametrize(
    "more",
    [
        "liger_fused_linear_cross_entropy: true",
        "plugins: [axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin]",
        "cut_cross_entropy: true",
    ],
)
def test_fused_cross_entropy(plans_of: PlansOf, more: str) -> None:
    assert plans_of(BARE + more)[0].workload.training.cross_entropy == "fused"


@pytest.mark.parametrize(
    ("more", "stage", "algorithm"),
    [
        ("rl: dpo", "preference", "dpo"),
        ("rl: grpo", "rl", "grpo"),
        ("reward_model: true", "preference", "reward"),
        ("pretraining_dataset: [{path: x}]", "continued-pretrain", None),
        ("reinit_weights: true", "pretrain", None),
    ],
)
def test_stages(plans_of: PlansOf, more: str, stage: str, algorithm: str | None) -> None:
    run = plans_of(BARE + more)[0].workload.training
    assert (run.stage, run.algorithm) == (stage, algorithm)


def test_preference_training_in_full_has_a_reference_and_with_an_adapter_none(plans_of: PlansOf) -> None:
    (full,) = plans_of(BARE + "rl: dpo")
    (adapted,) = plans_of(BARE + "rl: dpo\nadapter: lora\nlora_r: 8\nlora_target_linear: true")
    assert full.workload.training.reference_model is None
    assert adapted.workload.training.reference_model.place == "none"


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("load_in_4bit: true", "CFG011"),
        ("adapter: qlora\nlora_r: 8", "CFG011"),
        ("deepspeed: zero1.json\nfsdp_config: {offload_params: true}", "CFG011"),
        ("adapter: lora\nload_in_4bit: true", "CFG012"),
    ],
)
def test_what_axolotl_refuses(plans_of: PlansOf, more: str, rule: str) -> None:
    assert rule in [problem.rule for problem in plans_of(BARE + more)[0].workload.problems]


def test_a_good_config_has_no_problems(plans_of: PlansOf) -> None:
    assert plans_of(QLORA)[0].workload.problems == ()


@pytest.mark.parametrize("more", ["unfrozen_parameters: [lm_head.*]", "lisa_n_layers: 4"])
def test_training_of_a_part_is_not_worked_out_as_if_it_were_all(plans_of: PlansOf, more: str) -> None:
    (plan,) = plans_of(BARE + more)
    assert plan.training is None
    assert any("a part of the model" in item.because for item in plan.not_checked)


def test_experts_are_quantized_where_it_says_so(plans_of: PlansOf) -> None:
    assert plans_of(QLORA + "quantize_moe_experts: true")[0].workload.training.quantized_experts is True
    assert plans_of(QLORA)[0].workload.training.quantized_experts is None


def test_devices_are_counted_by_what_they_are_divided_into(plans_of: PlansOf) -> None:
    """Pure expert parallelism is `dp_shard_size: 1` and as many ranks as devices (docs of ExpertParallelPlugin)."""
    (plan,) = plans_of(BARE + "dp_shard_size: 2\ntensor_parallel_size: 2\ncontext_parallel_size: 2")
    assert plan.workload.training.hardware.count == 8
    (plan,) = plans_of(BARE + "dp_shard_size: 1\nexpert_parallel_size: 8")
    assert plan.workload.training.hardware.count == 8
    assert plans_of(BARE + "tensor_parallel_size: 2")[0].workload.training.hardware is None


def test_parallelism_without_a_count_is_said_to_take_its_ranks(plans_of: PlansOf) -> None:
    from planner.rules.reference import hardware_not_stated

    (plan,) = plans_of(BARE + "tensor_parallel_size: 4")
    (found,) = hardware_not_stated(plan)
    assert "on each of 4 devices" in found.message


@pytest.mark.parametrize(
    ("more", "basis"),
    [
        ("", "predicted"),
        ("deepspeed: elsewhere/zero1.json", "predicted"),
        ("deepspeed: {zero_optimization: {stage: 1}}", "proved"),
    ],
    ids=["the command may shard", "by a file's name", "stated"],
)
def test_nothing_is_proved_of_states_that_may_live_elsewhere(plans_of: PlansOf, more: str, basis: str) -> None:
    """70.6B parameters with AdamW take 565 GB at least, but DeepSpeed can be given on the command line."""
    (plan,) = plans_of(BARE.replace("8B", "70B") + more, devices=1)
    assert (plan.training.fits, plan.training.fits_basis) == (False, basis)


def test_an_unknown_model_is_said(plans_of: PlansOf) -> None:
    (plan,) = plans_of(QLORA.replace("meta-llama/Llama-3.1-8B", "our-team/secret"))
    assert any("our-team/secret" in item.because for item in plan.not_checked)


def test_bf16_auto_is_fp16_on_a_device_without_bfloat16(plans_of: PlansOf) -> None:
    """utils/config: resolve_dtype."""
    text = "# planner: hardware=V100-32GB:1\n" + BARE + "bf16: auto\n"
    assert plans_of(text)[0].workload.training.precision == "fp16-mixed"


PART = BARE + "bf16: true\n"


@pytest.mark.parametrize(
    ("patterns", "trained"),
    [
        ("[^lm_head.weight$]", 128256 * 4096),
        ("['^model.embed_tokens.weight$[:32000]']", 128256 * 4096),
        ("['model.layers.3[01]+.mlp.down_proj']", 2 * 4096 * 14336),
    ],
    ids=["the head", "rows of the embedding, whose gradient is whole", "a matrix of the last layers"],
)
def test_what_is_unfrozen_alone_has_states(plans_of: PlansOf, patterns: str, trained: int) -> None:
    """utils/freeze.py: freeze_layers_except. 16-bit weights: 2 bytes a moment."""
    (plan,) = plans_of(PART + f"unfrozen_parameters: {patterns}\n")
    assert plan.training.per_device.optimizer == 2 * 2 * trained
    assert plan.training.per_device.weights == 2 * 8_030_261_248


@pytest.mark.parametrize(
    "patterns", ["[visual.merger]", "['(a+)+$']", "['model.layers.3', 'block_sparse_moe']", "['[']", "['']"]
)
def test_what_no_parameter_is_called_is_not_worked_out(plans_of: PlansOf, patterns: str) -> None:
    (plan,) = plans_of(PART + f"unfrozen_parameters: {patterns}\n")
    assert plan.training is None
    assert [each.what for each in plan.not_checked] == ["training"]


@pytest.mark.parametrize(
    ("more", "loss"),
    [
        ("rl: grpo", "selective-float32"),
        ("rl: dpo", "selective-float32"),
        ("rl: kto\ndeepspeed: deepspeed_configs/zero2.json", "selective"),
        ("rl: grpo\nbf16: full", "selective"),
        ("rl: orpo", None),
        ("rl: grpo\nliger_fused_linear_cross_entropy: true", "fused"),
    ],
)
def test_trls_losses_look_at_chosen_tokens(plans_of: PlansOf, more: str, loss: str | None) -> None:
    assert plans_of(BARE + more)[0].workload.training.cross_entropy == loss


def test_a_process_reward_model_has_one_sequence_an_example_and_no_logits(plans_of: PlansOf) -> None:
    """schemas/validation.py: AutoModelForTokenClassification."""
    (plan,) = plans_of(BARE + "process_reward_model: true")
    assert plan.workload.training.algorithm == "process-reward"
    assert plan.training.per_device.logits == 0
