"""`planner verify`, as it is called."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.schema import load

Run = Callable[..., int]
LOGS = Path(__file__).parents[1] / "verify" / "logs"
LOG = str(LOGS / "vllm-0.19-h100.log")
CONFIG = """\
model: {name: meta-llama/Llama-3.1-8B-Instruct}
deployment: {engine: vllm, context: 8192, memory_utilization: 0.95}
---
model: {name: Qwen/Qwen3-8B}
deployment: {engine: vllm, context: 8192}
"""


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> str:
    path = tmp_path / "deploy.yaml"
    path.write_text(CONFIG)
    return str(path)


def conforms(value: Any) -> None:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    Draft202012Validator(load("verify"), registry=Registry()).validate(value)


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.log")), ids=lambda path: path.stem)
def test_every_log_prints_what_the_schema_says(planner: Run, capsys: pytest.CaptureFixture[str], log: Path) -> None:
    assert planner("verify", str(log), "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    conforms(found)
    assert found["version"] == 1
    assert all(type(part["log"]) is int for part in found["parts"] if part["unit"] != "requests")
    assert planner("verify", str(log)) == 0


def test_a_config_is_completed_by_the_log(planner: Run, capsys: pytest.CaptureFixture[str], config: str) -> None:
    assert planner("verify", LOG, config, "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    conforms(found)
    assert found["plan"]["source"] == "config"
    assert found["plan"]["document"] == 0, "the model that the log names"
    assert found["plan"]["taken_from_log"] == ["the device", "the engine's version"]
    assert found["plan"]["differences"] == []
    assert {part["field"]: part["line"] for part in found["parts"]}["weights"] == 7


def test_another_plan_is_told_to_be_another(planner: Run, capsys: pytest.CaptureFixture[str], config: str) -> None:
    assert planner("verify", LOG, config, "--document", "1") == 0
    out = capsys.readouterr().out
    assert "not what ran: the log is of the model meta-llama/Llama-3.1-8B-Instruct" in out
    assert "memory_utilization: 0.95 in the log, 0.9 in the config" in out


def test_a_table_that_is_read_at_a_glance(planner: Run, capsys: pytest.CaptureFixture[str]) -> None:
    planner("verify", LOG)
    lines = capsys.readouterr().out.splitlines()
    weights = next(line.split() for line in lines if line.startswith("weights "))
    assert weights[:5] == ["weights", "14.99", "GiB", "14.99", "GiB"]
    assert lines[-1].startswith("assumed: ")


def test_a_log_from_a_pipe(planner: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(LOG).read_bytes())))
    assert planner("verify", "-") == 0
    assert capsys.readouterr().out.startswith("-: vLLM 0.19.0")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no log"),
        pytest.param([LOG, "--document", "0"], id="a document of nothing"),
        pytest.param([LOG, "no-such.yaml"], id="a config that is not there"),
        pytest.param([LOG, "--hardware", "B17"], id="unknown hardware"),
    ],
)
def test_wrong_usage(planner: Run, arguments: list[str]) -> None:
    assert planner("verify", *arguments) == 2


def test_a_plan_that_cannot_be_chosen_is_wrong_usage(
    planner: Run, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planner("verify", str(LOGS / "training-oom.log"), config) == 2
    assert "no training run in it" in capsys.readouterr().err


def test_a_config_that_is_broken_says_so(planner: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "deploy.yaml"
    broken.write_text("model: {name: [\n")
    assert planner("verify", LOG, str(broken)) == 2
    assert "no deployment" not in capsys.readouterr().err


def test_a_log_that_says_nothing_fails(planner: Run, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert planner("verify", config) == 3
    assert "nothing in it is known" in capsys.readouterr().err
    assert planner("verify", "no-such.log") == 3
    assert "no such file" in capsys.readouterr().err


def test_a_hostile_log_steers_nothing(planner: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "x.log"
    log.write_text("LLM engine\nInitializing a V1 LLM engine (v0.9) with config: model='::x\u202e##[y]\x07'\n"
                   "Model loading took 1.0 GiB and 2 seconds\n")  # fmt: skip
    assert planner("verify", str(log)) == 0
    out = capsys.readouterr().out
    assert not any(bad in out for bad in ("\u202e", "\x07", "##[y"))
    assert planner("verify", str(log), "-f", "json") == 0
    conforms(json.loads(capsys.readouterr().out))
