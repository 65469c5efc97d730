"""PEFT's adapter_config.json: the base model by name or folder, and the adapter's parameters on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner import discover, pipeline

LORA = {
    "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": "meta-llama/Llama-3.2-3B", "r": 32,
    "lora_alpha": 64, "target_modules": ["q_proj", "v_proj"], "bias": "none", "modules_to_save": None,
}  # fmt: skip
LLAMA = {"model_type": "llama", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
         "num_attention_heads": 4, "vocab_size": 100}  # fmt: skip


def report(folder: Path, data: object) -> pipeline.Report:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(data))
    return pipeline.run(discover.find([str(file)]), pipeline.Options(plans=True))


def run(folder: Path, **keys: object) -> pipeline.Report:
    return report(folder, {**LORA, **keys})


def parameters(tmp_path: Path, **keys: object) -> int | None:
    plan = run(tmp_path, **keys).plans[0]
    assert plan.model and not plan.not_checked
    return plan.model.adapter_parameters


@pytest.mark.parametrize(
    "data",
    [
        {"peft_type": "LORA"},
        {"peft_type": ["LORA"], "base_model_name_or_path": "gpt2"},
        {"model_type": "llama", "peft_type": "LORA", "base_model_name_or_path": None},
        {"base_model_name_or_path": "gpt2", "r": 8},
    ],
)
def test_other_files_are_no_adapters(tmp_path: Path, data: object) -> None:
    found = report(tmp_path, data)
    assert not [plan for plan in found.plans if plan.workload.format == "peft-adapter"]
    assert not [item for item in found.not_checked if "adapter" in item.because]


def test_rank_times_in_and_out_of_every_matrix(tmp_path: Path) -> None:
    # PEFT prints "trainable params: 9,175,040" for this configuration: 28 layers, q 3072 → 3072, v 3072 → 1024.
    assert parameters(tmp_path) == 9_175_040 == 28 * 32 * (3072 + 3072 + 3072 + 1024)


def test_dora_has_a_magnitude_for_each_output(tmp_path: Path) -> None:
    assert parameters(tmp_path, use_dora=True) == 9_175_040 + 28 * (3072 + 1024)


def test_saved_modules_are_copies_even_of_a_tied_head(tmp_path: Path) -> None:
    embedding = 128_256 * 3072
    assert parameters(tmp_path, modules_to_save=["embed_tokens", "lm_head"]) == 9_175_040 + 2 * embedding


def test_the_base_may_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text(json.dumps(LLAMA))
    assert parameters(tmp_path, base_model_name_or_path="base", target_modules="all-linear") == 2 * 32 * (
        4 * 128 + 3 * 192
    )


@pytest.mark.parametrize(
    ("keys", "because"),
    [
        ({"base_model_name_or_path": None}, "names no model"),
        ({"base_model_name_or_path": "nobody/nothing"}, "neither in the catalogue nor a file"),
        ({"peft_type": "IA3"}, "IA3 adapters are not counted"),
        ({"r": None}, "its rank r is not stated"),
        ({"r": "many"}, "its rank r is not stated"),
        ({"target_modules": None}, "lists no names"),
        ({"target_modules": r".*\.layers\.\d+\.self_attn.*"}, "lists no names"),
        ({"rank_pattern": {"q_proj": 8}}, "rank_pattern"),
        ({"layers_to_transform": [0, 1]}, "layers_to_transform"),
        ({"target_modules": ["query_key_value"]}, "no matrix of meta-llama/Llama-3.2-3B"),
    ],
)
def test_what_is_not_counted_is_said(tmp_path: Path, keys: dict[str, object], because: str) -> None:
    found = run(tmp_path, **keys)
    assert [because in item.because for item in found.not_checked] == [True]
    assert not found.findings


@pytest.mark.parametrize("value", [float("nan"), -1, 0, 10**30, [], {}, "x", True, None])
@pytest.mark.parametrize("key", ["base_model_name_or_path", "r", "target_modules", "modules_to_save", "use_dora"])
def test_hostile_values_crash_nothing(tmp_path: Path, key: str, value: object) -> None:
    assert not run(tmp_path, **{key: value}).crashes
