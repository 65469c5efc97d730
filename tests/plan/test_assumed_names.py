"""A plan says what was assumed of its model because of the name, and nothing where the name is the row's own."""

from __future__ import annotations

import pytest

from planner.formats import registry
from planner.formats.context import Context
from planner.plan import make_plan
from planner.source import read as read_source


def assumed(name: str) -> list[str]:
    source = read_source("x.yaml", f"model: {{name: '{name}'}}\n".encode())
    assert source is not None
    (workload,) = registry.read(source, Context(read_source))
    plan = make_plan(workload)
    assert plan.model
    return [note for note in plan.model.notes if "read as" in note]


@pytest.mark.parametrize("name", ["meta-llama/Llama-2-70b-chat-hf", "Qwen/Qwen3-8B", "openai/gpt-oss-20b"])
def test_a_name_of_the_catalogue_assumes_nothing(name: str) -> None:
    assert assumed(name) == []


@pytest.mark.parametrize(
    ("name", "note"),
    [
        (
            "TheBloke/Llama-2-70B-Chat-AWQ",
            "read as meta-llama/Llama-2-70b-chat-hf quantized with awq, 4 bit, group 128: from the name",
        ),
        (
            "llama3.1:8b",
            "Ollama's llama3.1:8b read as meta-llama/Llama-3.1-8B-Instruct stored as Q4_K_M, the usual mix",
        ),
        ("me/Qwen3-8B-SFT", "read as a fine-tune of Qwen/Qwen3-8B: from the name"),
    ],
)
def test_what_a_name_was_read_as_is_said(name: str, note: str) -> None:
    assert assumed(name) == [note]
