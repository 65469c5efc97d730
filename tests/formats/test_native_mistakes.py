"""Mistakes in a native config: each is said once, at its place, and the rest is read all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import source
from planner.formats import native
from planner.formats.context import Context
from planner.workload import Lora, Model, Problem, Serving, Training, Workload


def read(text: str, file: str = "config.yaml") -> Workload:
    found = source.read(file, text.encode())
    assert found is not None
    [workload] = native.read(found.documents[0], Context(source.read))
    return workload


def told(workload: Workload) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(problem.rule, problem.path) for problem in workload.problems]


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "rule", "path"),
        [
            pytest.param("modle: {}\nmodel: {parameters: 7B}", "CFG006", ("modle",), id="an unknown section"),
            pytest.param("model: {parameters: 7B, dtpye: bf16}", "CFG006", ("model", "dtpye"), id="an unknown key"),
            pytest.param("model: {parameters: 7}", "CFG007", ("model", "parameters"), id="a unit that was forgotten"),
            pytest.param("model: {parameters: '7'}", "CFG007", ("model", "parameters"), id="the same in quotes"),
            pytest.param("model: {parameters: 7.5}", "CFG007", ("model", "parameters"), id="half a parameter"),
            pytest.param(
                "model: {parameters: 0.0000001B}", "CFG007", ("model", "parameters"), id="hardly any parameters"
            ),
            pytest.param("model: {parameters: 9e99}", "CFG007", ("model", "parameters"), id="more than there can be"),
            pytest.param("model: {parameters: .nan}", "CFG007", ("model", "parameters"), id="not a number"),
            pytest.param("model: {parameters: 7B, dtype: float17}", "CFG007", ("model", "dtype"), id="no dtype"),
            pytest.param(
                "model: {parameters: 7B, quantization: {}}", "CFG007", ("model", "quantization"), id="no scheme"
            ),
            pytest.param("model: {parameters: 7B, architecture: []}", "CFG007", ("model", "architecture"), id="a list"),
            pytest.param(
                "model: {parameters: 7B}\ndeployment: {context: 0}", "CFG007", ("deployment", "context"), id="zero"
            ),
            pytest.param(
                "model: {parameters: 7B}\ndeployment: {context: true}", "CFG007", ("deployment", "context"), id="true"
            ),
            pytest.param(
                "model: {parameters: 7B}\ndeployment: {memory_utilization: 90}",
                "CFG007",
                ("deployment", "memory_utilization"),
                id="a share in per cent",
            ),
            pytest.param(
                "model: {parameters: 7B}\ndeployment: {memory_utilization: .nan}",
                "CFG007",
                ("deployment", "memory_utilization"),
                id="a share that is not a number",
            ),
            pytest.param(
                "model: {parameters: 7B}\ntraining: {epochs: .inf}",
                "CFG007",
                ("training", "epochs"),
                id="endless epochs",
            ),
            pytest.param(
                "model: {parameters: 7B}\ndeployment: {hardware: {memory: 80}}",
                "CFG007",
                ("deployment", "hardware", "memory"),
                id="bytes where gigabytes were meant",
            ),
            pytest.param(
                "model: {parameters: 7B, active_parameters: 7B, quantization: awq}\ndeployment: 7",
                "CFG007",
                ("deployment",),
                id="no section",
            ),
        ],
    )
    def test_each_is_said_once_at_its_place(self, text: str, rule: str, path: tuple[str, ...]) -> None:
        assert told(read(text + "\n")) == [(rule, path)]

    def test_the_rest_is_read_all_the_same(self) -> None:
        workload = read("model: {parameters: 7B, dtpye: bf16}\ndeployment: {context: eight, tensor_parallel: 2}\n")
        assert workload.model == Model(parameters=7 * 10**9)
        assert workload.serving == Serving(tensor_parallel=2)

    def test_a_word_that_is_none_of_ours_is_not_passed_on(self) -> None:
        workload = read(
            "model: {parameters: 7B}\ndeployment: {engine: vlm}\ntraining: {stage: fun, optimizer: adamw_8bit}\n"
        )
        assert told(workload) == [
            ("CFG007", ("deployment", "engine")),
            ("CFG007", ("training", "stage")),
            ("CFG007", ("training", "optimizer")),
        ]
        assert workload.serving == Serving()
        assert workload.training == Training(optimizer="adamw-8bit"), "what was meant is plain here"


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
    | st.sampled_from(["7B", "8192", "H100-80GB", "./none.yaml", "vllm", "auto", "0.20", "1e400", "24GB:2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = {
    "model": sorted(native.recognition.KEYS["model"]),
    "deployment": sorted(native.recognition.KEYS["deployment"]),
    "training": sorted(native.recognition.KEYS["training"]),
}
INNER = {
    "hardware": ["accelerator", "memory", "instance", "count"],
    "engine": ["name", "version"],
    "lora": list(Lora._fields),
    "quantization": ["method", "bits", "group_size"],
}


def anything(key: str) -> st.SearchStrategy[Any]:
    return JUNK | st.fixed_dictionaries({}, optional=dict.fromkeys(INNER[key], JUNK)) if key in INNER else JUNK


def section(name: str) -> st.SearchStrategy[Any]:
    return JUNK | st.fixed_dictionaries({}, optional={key: anything(key) for key in KEYS[name]})


@given(st.fixed_dictionaries({}, optional={name: section(name) for name in KEYS}))
@settings(max_examples=200, deadline=None)
def test_nothing_is_too_odd_to_read(data: dict[str, Any]) -> None:
    found = source.read("config.yaml", json.dumps(data).encode())
    assert found is not None
    for document in found.documents:
        if isinstance(document.data, dict):
            for workload in native.read(document, Context(source.read)):
                assert all(isinstance(problem, Problem) for problem in workload.problems)
                for problem in workload.problems:
                    document.span(problem.path, problem.on_key)
