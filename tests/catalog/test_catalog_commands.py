"""`planner models` and `planner hardware`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.catalog import model_row
from planner.cli import main


@pytest.fixture(autouse=True)
def _no_own_rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    model_row.forget()


def test_an_unknown_model_is_said_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "meta-llama/Lllama-3.1-8B-Instruct"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "did you mean meta-llama/Llama-3.1-8B-Instruct" in err


def test_one_model_shows_what_it_is_and_where_that_is_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "meta-llama/Llama-2-70b-hf"]) == 0
    out = capsys.readouterr().out
    assert "68,976,648,192 (69B)" in out
    assert "327,680 bytes per token" in out  # 2 · 80 layers · 8 heads · 128 · 2 bytes
    assert "https://huggingface.co/meta-llama/Llama-2-70b-hf" in out or "mlc-ai/mlc-llm" in out


def test_several_models_stand_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "mixtral", "8x"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "model"
    assert any(
        line.startswith("mistralai/Mixtral-8x7B-v0.1 ") and "46.7B" in line and "12.9B" in line for line in lines
    )


def test_models_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "deepseek-ai/DeepSeek-V3", "-f", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    (model,) = printed["models"]
    assert printed["version"] == 1
    assert model["parameters"] == 671_026_404_352
    assert model["kv_cache_bytes_per_token"] == 61 * 576 * 2
    assert model["config"]["kv_lora_rank"] == 512


def test_a_model_can_be_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"model_type": "llama", "hidden_size": 4096}')
    assert main(["models", "add", str(path), "--name", "acme/our-7b"]) == 0
    model_row.forget()
    assert main(["models", "acme/our-7b"]) == 0
    assert "acme/our-7b" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["[]", "{", '{"hidden_size": 1}'])
def test_what_is_no_config_is_not_added(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    assert main(["models", "add", str(path)]) == 3
    assert str(path) in capsys.readouterr().err


def test_unknown_hardware_is_said_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hardware", "H1000"]) == 1
    assert "did you mean H100" in capsys.readouterr().err


def test_hardware_shows_both_readings_of_its_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hardware", "nvidia-tesla-t4"]) == 0
    out = capsys.readouterr().out
    assert "14.56–16.00 GiB" in out
    assert "bf16" not in out.split("dtypes")[1].splitlines()[0]


def test_an_ambiguous_name_lists_what_it_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hardware", "A100"]) == 0
    out = capsys.readouterr().out
    assert "A100 can be" in out
    assert "A100-40GB SXM" in out
    assert "A100-80GB PCIe" in out


def test_a_cloud_machine_shows_its_devices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hardware", "p5.48xlarge"]) == 0
    assert "8 × H100-80GB SXM" in capsys.readouterr().out


def test_hardware_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hardware", "h100 nvl", "-f", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["accelerators"]
    assert row["memory_bytes"] == 95320 << 20
    assert row["compute_capability"] == [9, 0]
