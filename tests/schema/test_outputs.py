"""What planner prints as JSON conforms to the schemas that it publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from planner import schema
from planner.discover import Found
from planner.pipeline import Options, run
from planner.report import lint_json, plan_json
from planner.report.style import Style

ARCHITECTURE = """\
  architecture:
    model_type: llama
    hidden_size: 4096
    intermediate_size: 11008
    num_hidden_layers: 32
    num_attention_heads: 32
    vocab_size: 32000
"""
CONFIGS = {
    "a deployment that fits": (
        f"model:\n  dtype: bfloat16\n{ARCHITECTURE}"
        "deployment: {engine: vllm, context: 4096, hardware: {memory: 80GiB, count: 1}}\n"
    ),
    "one that does not": (
        f"model:\n  parameters: 70B\n  dtype: bfloat16\n{ARCHITECTURE}"
        "deployment: {engine: vllm, context: 8192, hardware: {memory: 8GiB, count: 1}}\n"
    ),
    "a pre-training run": (
        f"model:\n{ARCHITECTURE}"
        "training: {stage: pretrain, tokens: 10B, unique_tokens: 1B, lifetime_inference_tokens: 2T,"
        " sequence_length: 4096, micro_batch_size: 4, hardware: {accelerator: H100-80GB, count: 8}}\n"
    ),
    "a fine-tuning": (
        f"model:\n{ARCHITECTURE}"
        "training: {stage: finetune, method: lora, lora: {rank: 16}, unique_tokens: 50M, epochs: 3,"
        " sequence_length: 2048, micro_batch_size: 4, hardware: {memory: 24GiB, count: 1}}\n"
    ),
    "a size alone": "model: {parameters: 7B}\ntraining: {stage: pretrain, tokens: 140B}\n",
    "mistakes": "model: {parameters: 7, nmae: a}\ndeployment: {context: eight, hardware: {accelerator: H1000}}\n",
    "no model": "deployment: {context: 4096}\n",
    "a syntax error": "model: [\n",
}


def conforms(printed: str, name: str) -> Any:
    data = json.loads(printed)
    errors = [
        f"{error.json_path}: {error.message[:200]}"
        for error in Draft202012Validator(schema.load(name)).iter_errors(data)
    ]
    assert errors == []
    return data


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
def test_findings_and_plans_conform(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    report = run([Found(str(path), named=True)], Options(fixes=True))
    assert not report.crashes
    conforms("".join(lint_json.render(report, Style())), "lint")
    planned = conforms("".join(plan_json.render(report, Style())), "plan")
    assert len(planned["plans"]) == len(report.plans)
