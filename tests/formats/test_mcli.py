"""MosaicML's runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.plan.types import Plan

PlansOf = Callable[..., list[Plan]]

RUN = """
name: mpt-1b-ctx-8k-gpus-8
image: mosaicml/llm-foundry:latest
compute:
  gpus: 8
command: |
  cd llm-foundry/scripts
  composer train/train.py /mnt/config/parameters.yaml
"""
PARAMETERS = """
parameters:
  max_seq_len: 8192
  model: {name: mpt_causal_lm, d_model: 2048, n_heads: 16, n_layers: 24, expansion_ratio: 4, vocab_size: 50368,
          max_seq_len: "${max_seq_len}"}
  train_loader: {name: text}
  max_duration: 24800ba
  global_train_batch_size: 128
  device_train_microbatch_size: 1
  precision: amp_bf16
  fsdp_config: {sharding_strategy: FULL_SHARD}
"""


@pytest.mark.parametrize(
    "text",
    [
        "compute: {gpus: 8}\ncommand: python train.py",
        "compute: 8\ncommand: composer train/train.py a.yaml",
        "compute: {gpus: 8}\ncommand: [composer]\nimage: mosaicml/llm-foundry",
    ],
    ids=["nothing of MosaicML", "a number", "a list of commands"],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


def test_parameters_are_llm_foundrys_config_on_the_devices_of_the_run(plans_of: PlansOf) -> None:
    (plan,) = plans_of(RUN + PARAMETERS)
    assert plan.model.total == pytest.approx(1.33e9, rel=0.01)
    assert plan.tokens.planned == 24800 * 128 * 8192
    assert (plan.workload.training.hardware.count, plan.workload.training.sharding) == (8, "fsdp")
    places = plan.workload.origins
    assert places["training.global_batch_size"].path == ("parameters", "global_train_batch_size")
    assert plan.workload.document.span(places["training.hardware.count"].path).line == 5


@pytest.mark.parametrize(
    ("command", "because"),
    [
        ("composer train/train.py train/yamls/pretrain/mpt-1b.yaml max_duration=10ba",
         "what is trained is in train/yamls/pretrain/mpt-1b.yaml, beside the command"),
        ("python convert_dataset_hf.py --dataset c4", "its command trains nothing"),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_named(plans_of: PlansOf, command: str, because: str) -> None:
    (plan,) = plans_of(f"compute: {{gpus: 8}}\nimage: mosaicml/llm-foundry\ncommand: {command}")
    assert [item.because for item in plan.not_checked] == [because]
