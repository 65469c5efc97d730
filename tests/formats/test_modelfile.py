"""Ollama's Modelfile, as its parser reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import source
from planner.formats import modelfile
from planner.formats.context import Context
from planner.workload import Quantization, Workload


def read(text: str, file: str = "Modelfile") -> Workload:
    found = source.read(file, text.encode())
    assert modelfile.recognise(found.documents[0])
    [workload] = modelfile.read(found.documents[0], Context(source.read))
    return workload


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("Modelfile", ""),
        ("Modelfile", "# FROM llama3.2\n"),
        ("Modelfile", "PARAMETER num_ctx 4096\n"),
        ("Modelfile", "The weights are\nfrom another place\n"),
        ("Modelfile", 'SYSTEM """\nFROM me\n"""\n'),
        ("notes.yaml", "a: b\n"),
        ("notes.yaml", "- FROM llama3.2\n"),
    ],
    ids=[
        "an empty file",
        "a comment",
        "parameters of no model",
        "prose",
        "a FROM within a prompt",
        "a mapping",
        "a list",
    ],
)
def test_what_is_no_modelfile_is_left_alone(file: str, text: str) -> None:
    documents = source.read(file, text.encode()).documents
    assert not any(modelfile.recognise(document) for document in documents)


def test_a_model_without_parameters_states_nothing_else() -> None:
    serving = read("FROM llama3.2:1b\n").serving
    assert serving is not None
    assert (serving.context, serving.concurrency, serving.hardware, dict(serving.engine_args)) == (None, None, None, {})


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("FROM llama3.2:1b\nPARAMETER num_ctx 8192\n", 8192),
        ("from llama3.2:1b\nparameter NUM_CTX 8192\n", 8192),
        ("FROM llama3.2:1b\nPARAMETER num_ctx    8192   \n", 8192),
        ("# num_ctx\nFROM llama3.2:1b\n# PARAMETER num_ctx 4096\n", None),
        ('FROM llama3.2:1b\nSYSTEM """be\nPARAMETER num_ctx 4096\n"""\n', None),
        ('FROM llama3.2:1b\nSYSTEM """be\n""" \nPARAMETER num_ctx 8192\n', 8192),
        ('FROM llama3.2:1b\nSYSTEM """never closed\nPARAMETER num_ctx 4096\n', None),
        ("FROM llama3.2:1b\r\nPARAMETER num_ctx 8192\r\n", 8192),
    ],
    ids=[
        "as the documentation writes it",
        "in lower case",
        "with more spaces",
        "only in a comment",
        "only in a prompt",
        "after a prompt",
        "in a prompt that does not end",
        "with Windows line ends",
    ],
)
def test_num_ctx_is_the_context(text: str, context: int | None) -> None:
    serving = read(text).serving
    assert serving is not None
    assert serving.context == context


@pytest.mark.parametrize(
    ("name", "mix"),
    [
        ("llama3.2", "Q4_K_M"),
        ("llama3.2:1b-instruct-q8_0", "Q8_0"),
        ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q6_K", "Q6_K"),
        ("./Llama-3.2-1B-Instruct-Q5_K_M.gguf", "Q5_K_M"),
        ('"llama3.2:3b"', "Q4_K_M"),
    ],
    ids=["the latest of a family", "a tag with its mix", "a repository of the Hub", "a file", "in quotes"],
)
def test_the_model_is_stored_as_its_name_says(name: str, mix: str) -> None:
    model = read(f"FROM {name}\n").model
    assert model is not None
    assert model.config is not None
    assert model.quantization == Quantization("gguf", options={"type": mix})


def test_an_unknown_model_is_said_to_be_unchecked() -> None:
    workload = read("FROM our-own-model:7b\n")
    assert [entry.what for entry in workload.not_checked] == ["model"]
    assert workload.problems == ()


def test_values_point_at_their_lines() -> None:
    workload = read("# base\nFROM llama3.2:1b\nPARAMETER temperature 1\nPARAMETER num_ctx 8192\n")
    places = {
        field: workload.document.span(workload.origins[field].path or ())
        for field in ("model.name", "deployment.context")
    }
    assert [(span.line, span.column, span.end_column) for span in places.values()] == [(2, 6, 17), (4, 19, 23)]


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    document = source.read("Modelfile", text.encode("utf-8", "replace")).documents
    for each in document:
        if modelfile.recognise(each):
            assert len(list(modelfile.read(each, Context(source.read)))) == 1
