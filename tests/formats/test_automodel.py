"""NeMo Automodel's recipes. Expected values are those of nemo_automodel/ in its repository."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.formats import registry
from planner.formats.context import Context
from planner.plan import make_plan
from planner.plan.types import Plan
from planner.source import read
from planner.workload import Companion, Hardware

PlansOf = Callable[..., list[Plan]]

PEFT = """
recipe: TrainFinetuneRecipeForNextTokenPrediction
step_scheduler: {global_batch_size: 32, local_batch_size: 2, max_steps: 100, num_epochs: 2}
dist_env: {backend: nccl}
model:
  _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_pretrained
  pretrained_model_name_or_path: meta-llama/Llama-3.1-8B-Instruct
  torch_dtype: bfloat16
peft: {_target_: nemo_automodel.components._peft.lora.PeftConfig, target_modules: "*_proj", dim: 16, dropout: 0.1}
quantization: {load_in_4bit: true, bnb_4bit_use_double_quant: true, bnb_4bit_quant_type: nf4}
distributed: {strategy: fsdp2, dp_size: none, tp_size: 2, cp_size: 1, activation_checkpointing: false}
loss_fn: {_target_: nemo_automodel.components.loss.masked_ce.MaskedCrossEntropy}
dataset: {_target_: nemo_automodel.components.datasets.llm.squad.make_squad_dataset}
packed_sequence: {packed_sequence_size: 1024}
optimizer: {_target_: torch.optim.AdamW, lr: 1.0e-5}
"""
PRETRAIN = """
recipe: TrainFinetuneRecipeForNextTokenPrediction
step_scheduler: {global_batch_size: 512, local_batch_size: 8, max_steps: 9500}
model:
  _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_config
  config: {_target_: transformers.AutoConfig.from_pretrained, pretrained_model_name_or_path: deepseek-ai/DeepSeek-V3}
distributed:
  strategy: fsdp2
  pp_size: 8
  dp_size: 16
  ep_size: 16
  activation_checkpointing: true
  pipeline: {pp_microbatch_size: 1}
loss_fn: {_target_: nemo_automodel.components.loss.linear_ce.FusedLinearCrossEntropy}
dataset: {_target_: nemo_automodel.components.datasets.llm.megatron_dataset.MegatronPretraining, seq_length: 1024}
optimizer: {_target_: torch.optim.AdamW}
"""


@pytest.mark.parametrize(
    "text",
    [
        "model: {_target_: torch.nn.Linear}\ndistributed: {}",
        "recipe: Pancakes\nstep_scheduler: {}",
        "model: {_target_: nemo_automodel.NeMoAutoModelForCausalLM.from_pretrained}",
        "recipe: {_target_: [Recipe]}\nmodel: nemo_automodel\ndist_env: {}\n",
    ],
    ids=["a target of others", "no recipe of code", "nothing around it", "odd values"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert [plan for plan in plans_of(text) if plan.model is not None] == []


def test_an_adapter_on_a_quantized_checkpoint(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PEFT)
    run = plan.workload.training
    assert plan.model.total == 8_030_261_248
    assert (run.stage, run.method, run.framework) == ("finetune", "qlora", "nemo-automodel")
    assert (run.lora.rank, run.lora.targets, run.lora.dropout) == (16, "all-linear", 0.1)
    assert (run.sequence_length, run.packing, run.micro_batch_size, run.global_batch_size) == (1024, True, 2, 32)
    assert (run.steps, run.epochs, run.precision, run.optimizer) == (100, 2, "bf16", "adamw")
    assert (run.sharding, run.tensor_parallel, run.activation_checkpointing) == ("fsdp", 2, "none")
    assert run.hardware is None
    assert plan.workload.model.quantization.options["bnb_4bit_quant_type"] == "nf4"
    assert plan.tokens.verdict == "not-applicable"


def test_modules_by_name_are_targets(plans_of: PlansOf) -> None:
    text = PEFT.replace('"*_proj"', '["*.q_proj", "*.v_proj"]')
    assert plans_of(text)[0].workload.training.lora.targets == ("q_proj", "v_proj")


def test_a_pipeline_takes_micro_batches_and_sizes_make_devices(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PRETRAIN)
    run = plan.workload.training
    assert (run.micro_batch_size, run.pipeline_parallel, run.expert_parallel) == (1, 8, 16)
    assert run.hardware.count == 16 * 8
    assert (run.cross_entropy, run.precision, run.activation_checkpointing) == ("fused", "bf16", "full")
    assert plan.workload.origins["training.precision"].note == "NeMo Automodel's default"


def test_steps_of_an_example_are_no_evidence_of_pre_training(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PRETRAIN)
    assert plan.workload.training.stage is None
    assert plan.tokens.verdict == "unknown"


def test_float32_weights_are_computed_with_in_16_bit(plans_of: PlansOf) -> None:
    run = plans_of(PEFT.replace("torch_dtype: bfloat16", "torch_dtype: float32"))[0].workload.training
    assert run.precision == "bf16-mixed"


def test_samples_without_a_length_are_said_once(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PEFT.replace("packed_sequence_size: 1024", "packed_sequence_size: 0"))
    assert plan.training.per_device.peak is None
    assert [item.mend for item in plan.not_checked if "activations" in item.because] == [
        "set `packed_sequence.packed_sequence_size: 4096`, or `dataset.seq_length`"
    ]


@pytest.mark.parametrize(
    ("more", "place"),
    [("", "device"), ("separate_meshes: true", "elsewhere"), ("offload_teacher_model: true", "host")],
)
def test_a_teacher(plans_of: PlansOf, more: str, place: str) -> None:
    teacher = "teacher_model: {pretrained_model_name_or_path: meta-llama/Llama-3.2-3B, torch_dtype: bfloat16}\n"
    run = plans_of(PEFT + teacher + more)[0].workload.training
    assert run.algorithm == "gkd"
    assert isinstance(run.teacher_model, Companion)
    assert (run.teacher_model.place, run.teacher_model.dtype) == (place, "bfloat16")
    assert run.teacher_model.model.name == "meta-llama/Llama-3.2-3B"


def test_devices_that_skypilot_is_asked_for(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PEFT + "skypilot: {accelerators: 'H100:8', num_nodes: 2}")
    assert (plan.workload.training.hardware.count, plan.training.fits) == (16, True)


def test_a_frozen_language_model_is_not_counted_as_trained(plans_of: PlansOf) -> None:
    (plan,) = plans_of(PEFT + "freeze_config: {freeze_language_model: true}")
    assert plan.workload.training is None
    assert any("frozen" in item.because for item in plan.not_checked)


def test_one_device_is_no_proof_where_the_launch_decides_over_their_number(plans_of: PlansOf) -> None:
    text = PRETRAIN.replace("dp_size: 16", "dp_size: none").replace("pp_size: 8", "pp_size: 1")
    source = read("run.yaml", text.encode())
    (found,) = registry.read(source, Context(read, Hardware("H100", None, 80 * 10**9, 80 * 2**30)))
    plan = make_plan(found)
    assert (plan.training.fits, plan.training.fits_basis) == (None, "unknown")
    assert any("how many devices share the model is not stated" in item.because for item in plan.not_checked)


def test_frozen_parts_leave_open_how_much_is_trained(plans_of: PlansOf) -> None:
    text = "\n".join(line for line in PEFT.splitlines() if not line.startswith(("peft", "quantization")))
    assert plans_of(text)[0].workload.training.method == "full"
    frozen = plans_of(text + "\nfreeze_config: {freeze_embeddings: true}")[0]
    assert (frozen.workload.training.method, frozen.training.fits_basis) == (None, "unknown")
