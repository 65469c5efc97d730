"""NeMo's runs on Megatron, and searches for one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

GPT = """
run: {name: gpt3_5b, results_dir: "${base}/${.name}"}
trainer: {num_nodes: 20, devices: 8, precision: bf16, max_steps: 75000}
model:
  micro_batch_size: 2
  global_batch_size: 2048
  tensor_model_parallel_size: 1
  encoder_seq_length: 2048
  max_position_embeddings: 2048
  num_layers: 24
  hidden_size: 4096
  ffn_hidden_size: ${multiply:4, ${.hidden_size}}
  num_attention_heads: 32
  position_embedding_type: learned_absolute
  tokenizer: {library: megatron, type: GPT2BPETokenizer, model: null}
  optim: {name: distributed_fused_adam}
"""
LLAMA = """
trainer: {num_nodes: 16, devices: 8, precision: bf16, max_steps: 300000}
model:
  micro_batch_size: 1
  global_batch_size: 2048
  encoder_seq_length: 8192
  max_position_embeddings: ${training.model.encoder_seq_length}
  num_layers: 32
  hidden_size: 4096
  ffn_hidden_size: 14336
  num_attention_heads: 32
  num_query_groups: 8
  bias: false
  activation: fast-swiglu
  normalization: rmsnorm
  position_embedding_type: rope
  share_embeddings_and_output_weights: false
  tokenizer: {library: huggingface, type: meta-llama/Meta-Llama-3-8B}
"""
SEARCH = """
train_settings: {model_size_in_b: 70, num_nodes: 16, gpus_per_node: 8, gpu_memory_gb: 80, num_tokens_in_b: 300,
                 seq_length: 4096}
"""


@pytest.mark.parametrize(
    "text",
    [
        "trainer: {max_steps: 5}\nmodel: {encoder: conformer, global_batch_size: 4}",
        "trainer: {devices: 8, num_nodes: 1}\nmodel: {tokenizer: {}, encoder: {}}",
        "train_settings: {num_nodes: 3}\nmodel_size_in_b: 3",
    ],
    ids=["a model of speech", "a model of speech on devices", "settings of something else"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


@pytest.mark.parametrize(
    ("text", "parameters", "tokens"),
    [(GPT, 5.05e9, 314_572_800_000), (LLAMA, 8_030_261_248, 5_033_164_800_000)],
    ids=["GPT-3 5B with multiplied sizes", "Llama 3 8B with a tokenizer of the Hub"],
)
def test_a_run_is_planned(plans_of: PlansOf, text: str, parameters: float, tokens: int) -> None:
    (plan,) = plans_of(text)
    assert plan.model is not None and plan.tokens is not None
    assert plan.model.total == pytest.approx(parameters, rel=0.002)
    assert plan.tokens.planned == tokens


@pytest.mark.parametrize(
    ("model", "because"),
    [
        ("{unet_config: {}, micro_batch_size: 1, global_batch_size: 4}", "it is no model of language"),
        ("{encoder: {}, decoder: {}, micro_batch_size: 1, global_batch_size: 4}", "it is no plain decoder of text"),
        ("{language_model: {pretrained_model_name: bert-base-uncased}, optim: {}}", "it is no plain decoder of text"),
        ("{restore_from_path: /a.nemo}", "no batch and no steps: nothing is trained"),
    ],
    ids=["images", "an encoder and a decoder", "BERT", "an evaluation"],
)
def test_what_trains_no_decoder_says_so(plans_of: PlansOf, model: str, because: str) -> None:
    (plan,) = plans_of(f"trainer: {{devices: 8, num_nodes: 1}}\nmodel: {model}")
    assert (plan.model, plan.training, plan.workload.training) == (None, None, None)
    assert because in [item.because for item in plan.not_checked]
    assert not any(item.what == "tokens" for item in plan.not_checked)


def test_devices_are_those_of_all_nodes(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT)
    assert plan.workload.training is not None and plan.workload.training.hardware is not None
    assert plan.workload.training.hardware.count == 160


def test_what_is_restored_is_fine_tuned(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT + "  restore_from_path: ???\n  peft: {peft_scheme: lora}\n")
    run = plan.workload.training
    assert run is not None
    assert (run.stage, run.method) == ("finetune", "lora")


def test_placeholders_of_an_example_are_no_evidence_of_pre_training(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT.replace("75000", "100").replace("2048\n  tensor", "1\n  tensor"))
    assert plan.tokens is not None
    assert plan.tokens.verdict == "unknown"


def test_a_resolver_of_somebody_is_said_to_be_unknown(plans_of: PlansOf) -> None:
    (plan,) = plans_of(GPT.replace("max_steps: 75000", "max_steps: '${oc.env:STEPS}'"))
    assert plan.tokens is not None and plan.tokens.planned is None
    assert any("${oc.env:STEPS}" in item.because for item in plan.not_checked)


def test_a_search_states_size_and_tokens_but_not_how_they_are_spread(plans_of: PlansOf) -> None:
    (plan,) = plans_of(SEARCH, devices=128)
    assert plan.model is not None and plan.tokens is not None and plan.workload.training is not None
    assert (plan.model.total, plan.tokens.planned) == (70 * 10**9, 300 * 10**9)
    assert plan.workload.training.hardware is None
    assert plan.tokens.verdict == "undertrained"


@pytest.mark.parametrize(
    ("name", "sharding"),
    [("distributed_fused_adam", "zero2"), ("mcore_distributed_optim", "zero1"), ("fused_adam", None)],
)
def test_apex_shards_gradients_too(plans_of: PlansOf, name: str, sharding: str | None) -> None:
    run = plans_of(re.sub("name: distributed_fused_adam", f"name: {name}", GPT))[0].workload.training
    assert run is not None
    assert run.sharding == sharding
