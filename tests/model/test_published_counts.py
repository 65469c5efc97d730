"""Parameters of published models, to the last one.

published.jsonl gives each total with its source; experts that a token takes are what the models' authors publish.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from planner.model import read
from planner.model.parameters import count, elements, majority, tensors
from planner.model.stack import PARTS

with open(os.path.join(os.path.dirname(__file__), "published.jsonl"), encoding="utf-8") as lines:
    PUBLISHED: dict[str, dict[str, Any]] = {row["id"]: row for row in map(json.loads, lines)}


@pytest.mark.parametrize("name", PUBLISHED)
def test_total_is_the_published_one(name: str) -> None:
    assert count(read(PUBLISHED[name]["config"])).total == PUBLISHED[name]["total"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_parts_sum_to_the_total(name: str) -> None:
    found = count(read(PUBLISHED[name]["config"]))
    assert sum(getattr(found, part) for part in PARTS) == found.total
    assert 0 < found.active <= found.total
    assert majority(found) in PARTS


@pytest.mark.parametrize("name", PUBLISHED)
def test_tensors_of_all_layers_sum_to_the_total(name: str) -> None:
    architecture = read(PUBLISHED[name]["config"])
    in_layers = sum(elements(tensor) for layer in architecture.layers for tensor in layer.tensors)
    outside = sum(elements(tensor) for tensor in architecture.outside)
    assert in_layers + outside == sum(elements(tensor) * times for tensor, times in tensors(architecture))
    assert in_layers + outside == PUBLISHED[name]["total"]


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("mistralai/Mixtral-8x7B-v0.1", "12.9"),
        ("mistralai/Mixtral-8x22B-v0.1", "39"),
        ("databricks/dbrx-base", "36"),
        ("Qwen/Qwen3-235B-A22B", "22"),
        ("microsoft/Phi-3.5-MoE-instruct", "6.6"),
        ("deepseek-ai/deepseek-moe-16b-base", "2.8"),
        ("allenai/OLMoE-1B-7B-0924", "1.3"),
        ("Qwen/Qwen1.5-MoE-A2.7B", "2.7"),
        ("inclusionAI/Ling-lite", "2.75"),
    ],
)
def test_active_parameters_are_the_published_ones(name: str, billions: str) -> None:
    digits = len(billions.partition(".")[2])
    assert f"{count(read(PUBLISHED[name]['config'])).active / 1e9:.{digits}f}" == billions


def test_a_dense_model_is_all_active() -> None:
    found = count(read(PUBLISHED["meta-llama/Llama-2-7b-hf"]["config"]))
    assert found.active == found.total
    assert majority(found) == "ffn"


def test_shared_embeddings_are_counted_once() -> None:
    config = PUBLISHED["meta-llama/Llama-3.2-1B"]["config"]
    tied, untied = read(config), read({**config, "tie_word_embeddings": False})
    assert tied.tied
    assert count(untied).total - count(tied).total == 128256 * 2048


def test_layers_that_predict_further_tokens_are_stored_but_not_counted() -> None:
    config = PUBLISHED["deepseek-ai/DeepSeek-V3"]["config"]
    with_them = read({**config, "num_nextn_predict_layers": 1})
    assert count(with_them).total == PUBLISHED["deepseek-ai/DeepSeek-V3"]["total"]
    # 11.5 B of the layer and 1.9 B of copies of embedding and head (DeepSeek-V3, README: 14 B of the MTP module).
    assert sum(map(elements, with_them.stored_only)) == 13_463_426_048


def test_equal_layers_are_one_object() -> None:
    architecture = read(PUBLISHED["meta-llama/Llama-3.1-405B"]["config"])
    assert len(architecture.layers) == 126
    assert len({id(layer) for layer in architecture.layers}) == 1
