"""Parameter counts of small and odd configs against transformers.

measured.jsonl holds configs that depart in one key from their type's defaults, and the parameters of the model that
transformers builds of each on the meta device (scripts/measure_models.py).
"""

from __future__ import annotations

import json
import os

import pytest

from planner.model import read
from planner.model.parameters import count

FILE = os.path.join(os.path.dirname(__file__), "measured.jsonl")
with open(FILE, encoding="utf-8") as file:
    ROWS = [json.loads(line) for line in file]


def sentence(row: dict) -> str:
    stated = {key: value for key, value in row["config"].items() if key != "model_type"}
    return f"{row['config']['model_type']} with {json.dumps(stated)[:80]} has {row['parameters']:,} parameters"


@pytest.mark.parametrize("row", ROWS, ids=sentence)
def test_parameters_equal_those_of_the_built_model(row):
    assert count(read(row["config"])).total == row["parameters"]


def test_the_file_covers_many_types():
    assert len({row["config"]["model_type"] for row in ROWS}) >= 80
