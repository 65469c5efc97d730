"""What the name of a model stands for: a path, a row of the catalogue, the local cache of the Hub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner import source
from planner.formats import resolve
from planner.workload import Quantization

CONFIG = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2}


def found_model(name: str, folder: Path) -> resolve.ModelFound | None:
    return resolve.model(name, str(folder / "config.yaml"), source.read)


@pytest.mark.parametrize("name", ["our-team/secret-7b", "./nothing-here", "/models/llama", "model", "config.yaml", ""])
def test_a_model_that_nobody_knows_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("model: {}\n")
    assert found_model(name, tmp_path) is None


def test_a_model_of_the_catalogue(tmp_path: Path) -> None:
    found = found_model("meta-llama/Llama-2-7b-hf", tmp_path)
    assert found is not None
    assert found.config is not None
    assert (found.source, found.config["hidden_size"]) == ("catalogue", 4096)
    assert found.note.startswith("catalogue: meta-llama/Llama-2-7b-hf (2")


def test_a_model_of_the_catalogue_that_is_known_by_its_size(tmp_path: Path) -> None:
    found = found_model("Gopher", tmp_path)
    assert found is not None
    assert (found.config, found.source, found.parameters) == (None, None, 280_000_000_000)


def test_a_quantization_in_the_name(tmp_path: Path) -> None:
    found = found_model("TheBloke/Llama-2-70B-Chat-AWQ", tmp_path)
    assert found is not None
    assert isinstance(found.quantization, Quantization)
    assert (found.quantization.method, found.quantization.bits) == ("awq", 4)
    assert "AWQ" in found.note


@pytest.mark.parametrize("name", ["config.json", "./config.json", "."])
def test_a_config_json_beside(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    found = found_model(name, tmp_path)
    assert found is not None
    assert (found.config, found.source, found.folder) == (CONFIG, "config.json", None)
    assert found.document is not None
    assert found.document.span(("hidden_size",)).line == 1


def test_a_folder_with_a_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path / "step-1000"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "model.safetensors").write_bytes(b"")
    found = found_model("step-1000", tmp_path)
    assert found is not None
    assert (found.config, found.folder) == (CONFIG, str(folder))


def test_a_gguf_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF")
    found = found_model("./a.gguf", tmp_path)
    assert found is not None
    assert (found.folder, found.config) == (str(path), None)


def test_a_file_wins_over_the_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "meta-llama" / "Llama-2-7b-hf"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    found = found_model("meta-llama/Llama-2-7b-hf", tmp_path)
    assert found is not None
    assert found.config == CONFIG


def test_a_config_json_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": [')
    found = found_model("config.json", tmp_path)
    assert found is not None
    assert found.config is None
    assert found.wrong.startswith(f"{tmp_path / 'config.json'} cannot be read: ")


def test_the_local_cache_of_the_hub_is_asked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots = tmp_path / "hub" / "models--our-team--secret-7b" / "snapshots" / "abc"
    snapshots.mkdir(parents=True)
    (snapshots / "config.json").write_text(json.dumps(CONFIG))
    (snapshots.parent.parent / "refs").mkdir()
    (snapshots.parent.parent / "refs" / "main").write_text("abc")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    found = found_model("our-team/secret-7b", tmp_path)
    assert found is not None
    assert (found.config, found.source) == (CONFIG, "config.json")
