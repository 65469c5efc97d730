"""What the options tell the rest of the house."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from planner.formats.native.written import config

Run = Callable[..., int]


@pytest.fixture(name="resolver")
def _resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(text: str) -> tuple[object, str | None]:
        return (None, "no such accelerator") if text == "B17" else (f"hardware {text}", None)

    monkeypatch.setitem(sys.modules, "planner.formats.resolve", SimpleNamespace(parse_hardware_option=parse))


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_lint_works_out_no_fixes_and_reads_no_stdin_unasked(house: Any, planner: Run) -> None:
    planner("lint", "a.yaml", "b.yaml")
    assert house.paths == ["a.yaml", "b.yaml"]
    assert house.calls[0].options[:4] == (None, False, None, "<stdin>")


def test_plan_works_out_what_would_fit(house: Any, planner: Run) -> None:
    planner("plan", "a.yaml")
    assert house.calls[0].options.fixes is True


@pytest.mark.usefixtures("resolver")
@pytest.mark.parametrize("command", ["lint", "plan"])
def test_hardware_is_for_configs_that_state_none(house: Any, planner: Run, command: str) -> None:
    planner(command, "a.yaml", "--hardware", "H100-80GB:8")
    assert house.calls[0].options.hardware == "hardware H100-80GB:8"


@pytest.mark.usefixtures("resolver")
def test_unknown_hardware_is_wrong_usage(house: Any, planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("lint", "--hardware", "B17") == 2
    assert "--hardware B17: no such accelerator" in capsys.readouterr().err


def test_a_dash_is_standard_input_under_its_own_name(house: Any, planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"model: {}\n")
    planner("lint", "-", "--stdin-filename", "deploy.yaml")
    assert house.calls[0].options.stdin == b"model: {}\n"
    assert house.calls[0].options.stdin_name == "deploy.yaml"


def test_a_model_by_name_is_a_config_in_memory(house: Any, planner: Run) -> None:
    planner("plan", "--model", "meta-llama/Llama-3.1-8B", "--dtype", "fp8", "--context", "8K", "--concurrency", "4")
    assert house.paths == ["-"]
    assert house.calls[0].options.stdin_name == "<command line>"
    assert yaml.safe_load(house.calls[0].options.stdin) == {
        "model": {"name": "meta-llama/Llama-3.1-8B", "dtype": "fp8"},
        "deployment": {"context": "8K", "concurrency": 4},
    }


def test_a_model_alone_is_not_a_deployment() -> None:
    assert yaml.safe_load(config("gpt2", {}, deployed=False)) == {"model": {"name": "gpt2"}}


def test_hardware_makes_it_a_deployment_of_one_sequence() -> None:
    assert yaml.safe_load(config("gpt2", {}, deployed=True))["deployment"] == {"concurrency": 1}


@pytest.mark.parametrize(
    "name", ["a: b", "{x}", "null", "1e5", "# x", "- y", 'quote"d', "back\\slash", "模型", "two\nlines"]
)
def test_a_name_is_a_name_whatever_it_looks_like(name: str) -> None:
    assert yaml.safe_load(config(name, {}, deployed=False)) == {"model": {"name": name}}
