"""Levanter's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

NANO = """
data: {tokenizer: NousResearch/Llama-2-7b-hf}
model:
  type: llama
  seq_len: 2048
  hidden_dim: 4096
  intermediate_dim: 11008
  num_layers: 32
  num_heads: 32
  num_kv_heads: 32
trainer: {mp: "p=f32,c=bfloat16", train_batch_size: 1024, num_train_steps: 10000}
optimizer: {learning_rate: 1e-3}
"""
CONTINUED = """
data: {id: EleutherAI/pile, tokenizer: NousResearch/Llama-2-7b-hf}
model: {type: llama}
initialize_from_hf: true
use_hf_model_config: true
trainer: {mp: "p=f32,c=bfloat16", train_batch_size: 1024, num_train_steps: 10000}
"""


@pytest.mark.parametrize(
    "text",
    [
        "trainer: {max_epochs: 3}\nmodel: {type: unet}\ntrain_batch_size: 4",
        "trainer: {train_batch_size: 4}\nmodel: llama",
        "trainer: {train_batch_size: 4}\nmodel: {name: x}",
    ],
    ids=["a trainer of another kind", "a model by name", "a model without a type"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_steps_batch_and_length_make_the_tokens(plans_of: PlansOf) -> None:
    (plan,) = plans_of(NANO)
    assert plan.model is not None and plan.tokens is not None
    assert plan.model.total == 6_738_415_616
    assert plan.tokens.planned == 10_000 * 1024 * 2048


def test_a_published_model_brings_its_length(plans_of: PlansOf) -> None:
    (plan,) = plans_of(CONTINUED)
    assert plan.tokens is not None
    assert plan.tokens.planned == 41_943_040_000
    assert plan.tokens.verdict == "not-applicable"


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (NANO, "pretrain"),
        (NANO + "initialize_from_hf: false\n", "pretrain"),
        (NANO + "initialize_from_checkpoint_path: gs://bucket/run\n", "continued-pretrain"),
        (NANO + "initialize_from_hf: true\ndataset_type: chat_jsonl\n", "finetune"),
    ],
    ids=["nothing to start from", "explicitly nothing", "a checkpoint", "chats"],
)
def test_pre_training_is_what_starts_from_nothing(plans_of: PlansOf, text: str, stage: str) -> None:
    (plan,) = plans_of(text)
    assert plan.workload.training is not None
    assert plan.workload.training.stage == stage


def test_without_a_tokenizer_it_is_that_of_gpt2(plans_of: PlansOf) -> None:
    (plan,) = plans_of(NANO.replace("tokenizer: NousResearch/Llama-2-7b-hf", "id: openwebtext"))
    assert plan.model is not None and plan.model.architecture is not None
    assert plan.model.architecture.vocab_size == 50257


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("NousResearch/Llama-2-7b-hf", "my/own-tokenizer", "my/own-tokenizer"),
        ("data: {tokenizer: NousResearch/Llama-2-7b-hf}", "data: !include mixture.yaml", "mixture.yaml"),
        ("type: llama", "type: gpt2_hyena", "gpt2_hyena"),
    ],
    ids=["a tokenizer that nobody knows", "a section in a file that is not there", "a kind of layers"],
)
def test_what_keeps_a_model_from_being_counted_is_said(plans_of: PlansOf, old: str, new: str, word: str) -> None:
    (plan,) = plans_of(NANO.replace(old, new))
    assert plan.model is None
    assert any(word in item.because for item in plan.not_checked)


def test_what_is_missing_is_asked_for_in_levanters_words(plans_of: PlansOf) -> None:
    (plan,) = plans_of(NANO.replace("num_train_steps", "steps_per_eval"))
    [said] = [each for each in plan.not_checked if each.what == "tokens"]
    assert said.mend == "set `trainer.num_train_steps: 100000`"
