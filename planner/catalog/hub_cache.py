"""Models in the local cache of the Hugging Face Hub. Files are read, nothing is fetched."""

from __future__ import annotations

import os

from planner import disk

CHECKPOINTS = (".safetensors", ".bin", ".gguf", ".pth")


def folder() -> str:
    """Where the cache is: HF_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub or ~/.cache/huggingface/hub."""
    stated = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if stated:
        return os.path.expanduser(stated)
    home = os.environ.get("HF_HOME")
    if not home:
        home = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache"), "huggingface")
    return os.path.join(os.path.expanduser(home), "hub")


def find(name: str) -> str | None:
    """The model's snapshot folder where it holds a checkpoint, else its config.json; None where neither is there."""
    if name.count("/") > 1 or ".." in name or "\\" in name or not name.isprintable():
        return None
    repository = disk.note(os.path.join(folder(), "models--" + name.replace("/", "--")))
    if os.path.isdir(repository):
        disk.note_more()
    for revision in _revisions(repository):
        snapshot = os.path.join(repository, "snapshots", revision)
        files = _listed(snapshot)
        if any(file.endswith(CHECKPOINTS) for file in files):
            return snapshot
        if "config.json" in files:
            return os.path.join(snapshot, "config.json")
    return None


def _revisions(repository: str) -> list[str]:
    """The commit that `main` points to, then all others."""
    found = []
    try:
        with open(os.path.join(repository, "refs", "main"), encoding="ascii") as file:
            found.append(file.read(80).strip())
    except (OSError, ValueError):
        pass
    return [revision for revision in (*found, *_listed(os.path.join(repository, "snapshots"))) if revision.isalnum()]


def _listed(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
