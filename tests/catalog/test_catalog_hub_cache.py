"""The local cache of the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog import hub_cache


@pytest.fixture(name="cache")
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache that HF_HOME points to."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    return tmp_path / "hub"


def snapshot(cache: Path, name: str, revision: str, *files: str, main: bool = False) -> Path:
    repository = cache / f"models--{name.replace('/', '--')}"
    folder = repository / "snapshots" / revision
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).write_text("{}")
    if main:
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(revision)
    return folder


@pytest.mark.parametrize("name", ["org/absent", "../../etc", "a/b/c", "org\\name", "", "org/\0"])
def test_what_is_not_there_is_none(name: str, cache: Path) -> None:
    assert hub_cache.find(name) is None


def test_a_snapshot_without_weights_gives_its_config(cache: Path) -> None:
    folder = snapshot(cache, "org/name", "abc123", "config.json", "tokenizer.json", main=True)
    assert hub_cache.find("org/name") == str(folder / "config.json")


def test_a_snapshot_with_weights_is_the_checkpoint(cache: Path) -> None:
    folder = snapshot(cache, "org/name", "abc123", "config.json", "model.safetensors", main=True)
    assert hub_cache.find("org/name") == str(folder)


def test_the_revision_of_main_comes_first(cache: Path) -> None:
    snapshot(cache, "org/name", "aaa", "config.json")
    current = snapshot(cache, "org/name", "bbb", "config.json", main=True)
    assert hub_cache.find("org/name") == str(current / "config.json")


def test_a_stated_cache_wins_over_the_home(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot(cache, "org/name", "aaa", "config.json", main=True)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "elsewhere"))
    assert hub_cache.find("org/name") is None


def test_a_reference_that_leads_out_of_the_cache_is_not_followed(cache: Path) -> None:
    repository = snapshot(cache, "org/name", "aaa", main=True).parent.parent
    (repository / "refs" / "main").write_text("../../../..")
    assert hub_cache.find("org/name") is None
