"""Which of a folder's files are the checkpoint."""

from __future__ import annotations

import os
import re

from planner.model.checkpoint import Checkpoint, inspect_file
from planner.model.checkpoint.index import sum_of

MOST_ENTRIES = 10_000
_SPLIT = re.compile(r"(.+)-00001-of-(\d{5})\.gguf")
_NOT_THE_MODEL = (
    "adapter",
    "mmproj",
    "optimizer",
    "training_args",
    "scheduler",
    "rng_state",
    "mm_projector",
)

_ORIGINAL = "consolidated"
"""The maker's own copy of the weights, beside those for transformers."""


def inspect_folder(path: str) -> Checkpoint | None:
    """The first that is there of: safetensors by index, one file, several; GGUF; PyTorch."""
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name for entry, _ in zip(entries, range(MOST_ENTRIES), strict=False))
    except OSError:
        return None
    models = [name for name in names if not name.lower().startswith(_NOT_THE_MODEL)]
    models = [name for name in models if not name.startswith(_ORIGINAL)] or models
    for suffix in (".safetensors.index.json", ".safetensors", ".gguf", ".bin.index.json"):
        found = [name for name in models if name.endswith(suffix)]
        if found:
            return _several(path, found) if suffix in (".safetensors", ".gguf") else _one(path, found[0])
    loose = [name for name in models if re.fullmatch(r"pytorch_model(-\d+-of-\d+)?\.bin", name)]
    return _several(path, loose) if loose else None


def _one(path: str, name: str) -> Checkpoint | None:
    return inspect_file(os.path.join(path, name))


def _several(path: str, names: list[str]) -> Checkpoint | None:
    if names[0].endswith(".gguf"):
        return _gguf(path, names)
    found = [shard for name in names if (shard := _one(path, name)) is not None]
    broken = next((shard for shard in found if shard.bytes is None), None)
    return broken or (sum_of(found)._replace(format=found[0].format) if found else None)


def _gguf(path: str, names: list[str]) -> Checkpoint | None:
    """One file, or the parts of one. Several are several quantizations, of which nobody says which is meant."""
    wholes = {match[1] if (match := _SPLIT.fullmatch(name)) else name for name in names if _first(name)}
    if len(wholes) != 1:
        return Checkpoint("gguf", None, None, notes=(f"{len(wholes)} GGUF files: name the one that is meant",))
    return _one(path, names[0])


def _first(name: str) -> bool:
    return bool(_SPLIT.fullmatch(name)) or not re.fullmatch(r".+-\d{5}-of-\d{5}\.gguf", name)
