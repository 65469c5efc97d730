"""The figures that everyone knows, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
GIB = 2**30


def planner(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "planner", *args], capture_output=True, text=True, check=False)


def plan_of(folder: Path, config: dict[str, Any]) -> Any:
    path = folder / "config.yaml"
    path.write_text(json.dumps(config))
    done = planner("plan", "--format", "json", str(path))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["plans"][0]


@pytest.mark.parametrize(
    ("dtype", "gigabytes"), [("float32", 28), ("float16", 14), ("bfloat16", 14), ("int8", 7), ("int4", 3.5)]
)
def test_seven_billion_parameters_weigh(tmp_path: Path, dtype: str, gigabytes: float) -> None:
    plan = plan_of(tmp_path, {"model": {"name": "x", "parameters": "7B", "dtype": dtype}})
    assert plan["model"]["weights_bytes"] == gigabytes * 10**9


# Llama 2 paper, and the safetensors total of the released checkpoint.
LLAMA_2_7B = {
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "vocab_size": 32000,
}


def test_llama_2_7b_is_counted_to_the_parameter(tmp_path: Path) -> None:
    parameters = plan_of(tmp_path, {"model": {"name": "x", "architecture": LLAMA_2_7B}})["model"]["parameters"]
    assert parameters["total"] == 6_738_415_616
    assert parameters["embedding"] == 2 * 32000 * 4096
    assert parameters["attention"] == 32 * 4 * 4096 * 4096
    assert parameters["ffn"] == 32 * 3 * 4096 * 11008
    assert parameters["other"] == 65 * 4096


def test_the_majority_of_parameters_is_in_the_ffn(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps({"model": {"name": "x", "architecture": LLAMA_2_7B}}))
    assert "FFN" in planner("plan", str(path)).stdout


def test_llama_2_7b_keeps_half_a_mebibyte_a_token(tmp_path: Path) -> None:
    config = {
        "model": {"name": "x", "dtype": "bfloat16", "architecture": LLAMA_2_7B},
        "deployment": {"context": 4096, "hardware": {"memory": "80GB"}},
    }
    serving = plan_of(tmp_path, config)["serving"]
    assert serving["kv_cache_bytes_per_token"] == 2**19
    assert serving["kv_cache_bytes"] == 2 * GIB


@pytest.mark.parametrize(("parameters", "tokens"), [("7B", 140 * 10**9), ("70B", 14 * 10**11)])
def test_twenty_tokens_a_parameter_are_recommended(tmp_path: Path, parameters: str, tokens: int) -> None:
    plan = plan_of(
        tmp_path, {"model": {"name": "x", "parameters": parameters}, "training": {"stage": "pretrain", "tokens": "1T"}}
    )
    assert plan["tokens"]["recommended"] == tokens


@pytest.mark.parametrize(
    ("parameters", "tokens", "ratio", "verdict"),
    [("280B", "300B", 1.07, "undertrained"), ("175B", "300B", 1.71, "undertrained"), ("70B", "1.4T", 20, "ok")],
    ids=["Gopher", "GPT-3", "Chinchilla"],
)
def test_famous_runs(tmp_path: Path, parameters: str, tokens: str, ratio: float, verdict: str) -> None:
    plan = plan_of(
        tmp_path,
        {"model": {"name": "x", "parameters": parameters}, "training": {"stage": "pretrain", "tokens": tokens}},
    )
    assert plan["tokens"]["per_parameter"] == pytest.approx(ratio, rel=0.01)
    assert verdict in plan["tokens"]["verdict"]


def findings(name: str) -> dict[str, str]:
    done = planner("lint", "--format", "json", str(EXAMPLES / name))
    return {finding["rule"]: finding["level"] for finding in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize(
    "name",
    [
        "llama-2-70b-on-four-a100.yaml",
        "llama-3.1-8b-long-context.yaml",
        "chinchilla.yaml",
        "llama-3-8b-on-15t.yaml",
        "lora-llama-3.1-8b.yaml",
        "split/deployments.yaml",
    ],
)
def test_examples_that_are_right_are_silent(name: str) -> None:
    assert findings(name) == {}


def test_seventy_billion_do_not_fit_on_one_a100() -> None:
    assert findings("llama-2-70b-on-one-a100.yaml") == {"FIT001": "error"}


def test_gopher_is_undertrained() -> None:
    assert findings("gopher.yaml") == {"TOK001": "warning"}


def test_fine_tuning_is_never_judged_by_tokens_per_parameter() -> None:
    done = planner("plan", "--format", "json", str(EXAMPLES / "lora-llama-3.1-8b.yaml"))
    tokens = json.loads(done.stdout)["plans"][0]["tokens"]
    assert tokens["per_parameter"] is None
    assert tokens["verdict"] == "not-applicable"
