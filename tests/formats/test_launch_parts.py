"""DeepSpeed's and accelerate's parts, alone and joined with the run that they belong to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner import discover, pipeline
from planner.formats import launch, registry
from planner.formats.context import Context
from planner.plan import make_plan
from planner.plan.types import Plan
from planner.source import read as read_source

PlansOf = Callable[..., list[Plan]]

ZERO_3 = {
    "zero_optimization": {"stage": 3, "offload_optimizer": {"device": "cpu"}, "reduce_bucket_size": "auto"},
    "train_micro_batch_size_per_gpu": "auto", "gradient_accumulation_steps": "auto", "bf16": {"enabled": "auto"},
}  # fmt: skip
FSDP = """
compute_environment: LOCAL_MACHINE
distributed_type: FSDP
fsdp_config: {fsdp_version: 2, fsdp_offload_params: false, fsdp_activation_checkpointing: true}
mixed_precision: bf16
num_machines: 2
num_processes: 16
"""
RUN = """
model_name_or_path: meta-llama/Llama-3.1-8B
dataset_name: x
learning_rate: 1e-5
per_device_train_batch_size: 2
gradient_checkpointing: false
dtype: bfloat16
"""


def plan_of(path: Path) -> Plan:
    source = read_source(str(path))
    assert source is not None
    (workload,) = registry.read(source, Context(read_source))
    return make_plan(workload)


@pytest.fixture
def joined(tmp_path: Path) -> Callable[..., Plan]:
    """The plan of a run in recipes/run.yaml, with other files around it."""

    def plan(run: str, **files: str) -> Plan:
        (tmp_path / "recipes").mkdir()
        (tmp_path / "configs").mkdir()
        for name, text in files.items():
            folder, _, base = name.partition("__")
            (tmp_path / folder / base.replace("_yaml", ".yaml").replace("_json", ".json")).write_text(text)
        path = tmp_path / "recipes" / "run.yaml"
        path.write_text(run)
        return plan_of(path)

    return plan


@pytest.mark.parametrize(
    "text",
    [
        '{"optimizer": "adam", "scheduler": "x", "epochs": 3}',
        '{"train_batch_size": 4, "epochs": 3}',
        "zero_optimization: {}",
        "distributed_type: x\nname: y",
        "fp16: true\nbf16: false\noptimizer: x",
    ],
)
def test_other_files_are_left_alone(plans_of: PlansOf, text: str) -> None:
    assert plans_of(text) == []


@pytest.mark.parametrize(("text", "format"), [(json.dumps(ZERO_3), "deepspeed"), (FSDP, "accelerate")])
def test_a_part_alone_is_not_checked_and_says_why(plans_of: PlansOf, text: str, format: str) -> None:
    (plan,) = plans_of(text)
    assert plan.workload.format == format
    assert ["names no model" in item.because for item in plan.not_checked] == [True]
    assert plan.workload.problems == ()


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ({"fp16": {"enabled": True}, "bf16": {"enabled": True}, "zero_optimization": {"stage": 1}}, "CFG011"),
        ({"train_batch_size": 10, "train_micro_batch_size_per_gpu": 4, "zero_optimization": {"stage": 1}}, "CFG011"),
        ({"zero_optimization": {"stage": 2, "offload_param": {"device": "cpu"}}}, "CFG012"),
        ({"zero_optimization": {"stage": 0, "offload_optimizer": {"device": "nvme"}}}, "CFG012"),
    ],
)
def test_contradictions_within_deepspeeds_part(plans_of: PlansOf, part: dict[str, Any], rule: str) -> None:
    (plan,) = plans_of(json.dumps(part))
    assert [problem.rule for problem in plan.workload.problems] == [rule]


@pytest.mark.parametrize(
    "part",
    [
        {"train_batch_size": 16, "train_micro_batch_size_per_gpu": 2, "gradient_accumulation_steps": 4},
        {"train_batch_size": "auto", "train_micro_batch_size_per_gpu": 3},
        {"fp16": {"enabled": "auto"}, "bf16": {"enabled": "auto"}},
        {"zero_optimization": {"stage": 3, "offload_param": {"device": "cpu"}}},
        {"zero_optimization": {"stage": 2, "offload_param": {"device": "none"}}},
    ],
)
def test_what_agrees_is_no_contradiction(plans_of: PlansOf, part: dict[str, Any]) -> None:
    (plan,) = plans_of(json.dumps({"zero_optimization": {"stage": 1}} | part))
    assert plan.workload.problems == ()


def test_a_run_takes_sharding_and_offload_from_the_file_it_names(joined: Callable[..., Plan]) -> None:
    """From the root of the repository, as it is started there, and from the line that says it."""
    plan = joined(RUN + "deepspeed: configs/z3.json", configs__z3_json=json.dumps(ZERO_3))
    run = plan.workload.training
    assert (run.sharding, run.offload, run.micro_batch_size) == ("zero3", "optimizer", 2)
    assert run.precision == "bf16-mixed"
    origin = plan.workload.origins["training.sharding"]
    assert origin.document is not None and origin.document.file.endswith("z3.json")
    assert plan.workload.problems == ()


def test_the_only_accelerate_config_in_the_folder_says_how_many_devices(joined: Callable[..., Plan]) -> None:
    run = joined(RUN, recipes__accelerate_yaml=FSDP).workload.training
    assert (run.sharding, run.hardware.count, run.activation_checkpointing) == ("fsdp", 16, "none")


def test_one_of_two_is_not_guessed(joined: Callable[..., Plan]) -> None:
    plan = joined(RUN, recipes__accelerate_a_yaml=FSDP, recipes__accelerate_b_yaml=FSDP)
    assert plan.workload.training.sharding is None


def test_a_file_that_is_not_there_is_said_and_taken_by_its_name(joined: Callable[..., Plan]) -> None:
    plan = joined(RUN + "deepspeed: elsewhere/zero3_bf16_cpuoffload_params.json")
    assert (plan.workload.training.sharding, plan.workload.training.offload) == ("zero3", "parameters")
    (problem,) = plan.workload.problems
    assert problem.rule == "REF005"
    assert "ZeRO-3 with offload" in problem.message


def test_a_file_that_is_there_and_is_none_is_said(joined: Callable[..., Plan]) -> None:
    plan = joined(RUN + "deepspeed: configs/my.json", configs__my_json="[1, 2")
    assert plan.workload.training.sharding is None
    assert [problem.rule for problem in plan.workload.problems] == ["REF005"]


def test_what_accelerate_names_is_no_accelerate_config(joined: Callable[..., Plan]) -> None:
    """Least of all itself: accelerate hands the file to DeepSpeed."""
    text = "distributed_type: DEEPSPEED\ncompute_environment: LOCAL_MACHINE\nnum_processes: 8\n"
    circle = text + "deepspeed_config: {deepspeed_config_file: accelerate.yaml}\n"
    run = joined(RUN, recipes__accelerate_yaml=circle).workload.training
    assert (run.hardware.count, run.sharding) == (8, None)


def test_another_micro_batch_than_deepspeeds_stops_the_run(joined: Callable[..., Plan]) -> None:
    part = json.dumps(ZERO_3 | {"train_micro_batch_size_per_gpu": 4})
    (problem,) = joined(RUN + "deepspeed: configs/z3.json", configs__z3_json=part).workload.problems
    assert problem.rule == "CFG011"
    assert "per_device_train_batch_size: 2" in problem.message


def test_a_part_is_not_checked_only_where_no_run_among_the_files_is_read_with_it(tmp_path: Path) -> None:
    (tmp_path / "z3.json").write_text(json.dumps(ZERO_3))
    (tmp_path / "alone.json").write_text(json.dumps(ZERO_3))
    (tmp_path / "run.yaml").write_text(RUN + "deepspeed: z3.json")
    report = pipeline.run(discover.find([str(tmp_path)]), pipeline.Options())
    assert [Path(item.file).name for item in report.not_checked if item.what == "part"] == ["alone.json"]


@pytest.mark.parametrize(
    ("name", "sharding", "offload"),
    [
        ("deepspeed_configs/zero1.json", "zero1", None),
        ("zero3_bf16_cpuoffload_all.json", "zero3", "parameters"),
        ("ds_z2_offload_config.json", "zero2", "optimizer"),
        ("zero_stage3_config.json", "zero3", None),
        ("ds_z0_config.json", "ddp", None),
    ],
)
def test_names_of_files(name: str, sharding: str, offload: str | None) -> None:
    found = launch.by_name(name)
    assert found is not None
    assert (found.sharding, found.offload) == (sharding, offload)


@pytest.mark.parametrize("name", ["ds_config.json", "config.json", "", "zeroes.json", "zip3.json"])
def test_names_that_tell_nothing(name: str) -> None:
    assert launch.by_name(name) is None


def test_transformers_section_for_fsdp_may_be_a_file(joined: Callable[..., Plan]) -> None:
    """transformers, training_args.py: a path to a JSON file, from where the run is started."""
    text = json.dumps({"offload_params": True, "reshard_after_forward": True})
    run = joined(RUN + "fsdp: full_shard\nfsdp_config: configs/fsdp.json\n", configs__fsdp_json=text).workload.training
    assert (run.sharding, run.offload) == ("fsdp", "parameters")


def test_without_that_file_the_words_count(joined: Callable[..., Plan]) -> None:
    run = joined(RUN + "fsdp: full_shard\nfsdp_config: configs/other.json\n").workload.training
    assert (run.sharding, run.offload) == ("fsdp", None)
