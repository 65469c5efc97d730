"""Caches and states of small models against those that transformers fills with 40 tokens.

measured_caches.jsonl holds the elements of its tensors. transformers keeps W − 1 tokens of a window of W, and K inputs
of a convolution over K, where W and K − 1 are needed. Zaya's two convolutions are the exception: it keeps what they
need.
"""

from __future__ import annotations

import json
import os

import pytest

from planner.model import read

with open(os.path.join(os.path.dirname(__file__), "measured_caches.jsonl"), encoding="utf-8") as file:
    ROWS = [json.loads(line) for line in file]


def sentence(row: dict) -> str:
    return f"{row['config']['model_type']} keeps {row['keys_and_values']} elements of keys and values"


def states(row: dict, kind: str) -> int:
    layers = read(row["config"]).layers
    return sum(state.elements for layer in layers for state in layer.states if state.kind == kind)


@pytest.mark.parametrize("row", ROWS, ids=sentence)
def test_keys_and_values(row):
    kept = sum(
        cache.heads * cache.width * (row["tokens"] if cache.window is None else min(row["tokens"], cache.window - 1))
        for layer in read(row["config"]).layers
        for cache in layer.caches
    )
    assert kept == row["keys_and_values"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['config']['model_type']} holds what its recurrence needs")
def test_recurrent_states(row):
    assert states(row, "recurrent") == row["recurrent"]


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["columns"] and row["config"]["model_type"] != "zaya"],
    ids=lambda row: f"{row['config']['model_type']} needs one column less than the {row['columns']} kept",
)
def test_inputs_of_convolutions(row):
    assert states(row, "conv") * row["columns"] == row["conv"] * (row["columns"] - 1)
