"""Where the settings draw the lines of rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import discover, pipeline
from planner.finding import Finding
from planner.settings import Asked, Lookup

CHINCHILLA = "model: {parameters: 70B}\ntraining: {stage: pretrain, tokens: 1.4T}\n"
GOPHER = "model: {parameters: 280B}\ntraining: {stage: pretrain, tokens: 300B}\n"
REPEATED = "model: {parameters: 1B}\ntraining: {stage: pretrain, tokens: 200B, unique_tokens: 25B}\n"
FINETUNE = "model: {parameters: 70B}\ntraining: {stage: finetune, tokens: 1B}\n"


def found(folder: Path, text: str, *thresholds: str) -> dict[str, Finding]:
    path = folder / "config.yaml"
    path.write_text(text)
    lookup = Lookup(Asked(isolated=True, overrides=tuple(f"thresholds.{each}" for each in thresholds)))
    report = pipeline.run(discover.find([str(path)]), pipeline.Options(settings=lookup))
    return {finding.rule: finding for finding in report.findings}


@pytest.mark.parametrize(
    ("text", "thresholds"),
    [
        (GOPHER, ["tokens-per-parameter=1"]),
        (CHINCHILLA, ["tokens-per-parameter=20"]),
        (FINETUNE, ["tokens-per-parameter=100"]),
        (REPEATED, ["epochs=8"]),
    ],
    ids=["as many as asked for", "exactly as many", "no pre-training", "as many epochs"],
)
def test_what_the_settings_allow_is_silent(tmp_path: Path, text: str, thresholds: list[str]) -> None:
    assert found(tmp_path, text, *thresholds).keys() & {"TOK001", "TOK002"} == set()


def test_more_tokens_than_the_laws_want_may_be_asked_for(tmp_path: Path) -> None:
    assert "TOK001" not in found(tmp_path, CHINCHILLA)
    finding = found(tmp_path, CHINCHILLA, "tokens-per-parameter=100")["TOK001"]
    assert finding.level == "warning"
    assert "20 a parameter where the settings ask for 100" in finding.message
    assert finding.help.startswith("tokens 7T: 100 a parameter")


def test_fewer_epochs_may_be_asked_for(tmp_path: Path) -> None:
    assert found(tmp_path, REPEATED)["TOK002"].level == "info"
    finding = found(tmp_path, REPEATED, "epochs=2")["TOK002"]
    assert finding.level == "warning"
    assert finding.help.startswith("100B different tokens would make it 2 epochs\n")


def test_headroom_holds_for_training_too(tmp_path: Path) -> None:
    text = """\
model: {name: meta-llama/Llama-3.1-8B, dtype: bfloat16}
training:
  {stage: finetune, framework: transformers, method: lora, lora: {rank: 16}, optimizer: adamw, precision: bf16,
   micro_batch_size: 1, sequence_length: 2048, activation_checkpointing: full, hardware: {memory: 21GiB, count: 1}}
"""
    assert "FIT012" in found(tmp_path, text)
    assert "FIT012" not in found(tmp_path, text, "headroom=0")
