"""The file of class defaults, and the registry of families beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.model import defaults, families
from planner.model.config import Config

LINES = Path(defaults.FILE).read_text(encoding="ascii").splitlines()


def test_a_type_has_one_line_by_which_it_is_found() -> None:
    types = [json.loads(line)["model_type"] for line in LINES]
    assert types == sorted(set(types), key=str.lower)
    assert [name for name in types if (defaults.record(name) or {}).get("model_type") != name] == []


@pytest.mark.parametrize("name", ["", "nonsense", 'llama","x":"', "llama\n", "llama\\", "lama", "LLAMA", "zzz", "~"])
def test_what_is_no_type_has_no_defaults(name: str) -> None:
    assert defaults.record(name) is None


def test_a_type_is_found_by_its_own_line_and_not_inside_another() -> None:
    found = defaults.record("clip_vision_model")
    assert found is not None
    assert found["image_size"] == 224


def test_what_is_nested_has_defaults_of_its_own() -> None:
    inner = {entry["model_type"] for line in LINES for entry in json.loads(line).get("nested", {}).values()}
    missing = {name for name in inner if defaults.record(name) is None}
    assert not missing


@pytest.mark.parametrize("model_type", sorted(families._MODULE_OF))
def test_every_type_in_the_registry_has_a_reader(model_type: str) -> None:
    assert families.find(model_type) is not None


def test_a_type_is_in_one_module_only() -> None:
    types = [name for names in families.MODULES.values() for name in names.split()]
    assert len(types) == len(set(types))


@pytest.mark.parametrize(
    ("name", "model_type"),
    [
        ("DeepseekV4ForCausalLM", "deepseek_v4"),
        ("GPT2LMHeadModel", "gpt2"),
        ("QWenLMHeadModel", "qwen"),
        ("GptOssForCausalLM", "gpt_oss"),
        ("ResNetForImageClassification", None),
    ],
)
def test_a_class_says_what_type_it_is(name: str, model_type: str | None) -> None:
    assert families.of_class(name) == model_type


def test_a_row_from_elsewhere_names_its_source() -> None:
    own = [json.loads(line) for line in LINES if '"source"' in line]
    assert len(own) > 10
    assert all("configuration_" in row["source"] or "config.json" in row["source"] for row in own)


def test_reading_a_default_reads_no_other_line() -> None:
    assert Config({"model_type": "llama"}).size("intermediate_size") == 11008
