"""Index files of checkpoints in several files: `model.safetensors.index.json`, `pytorch_model.bin.index.json`."""

from __future__ import annotations

import json
import os
from collections import Counter

from planner.model.checkpoint import MOST_HEADER, Checkpoint, HeaderError, inspect_file

MOST_SHARDS = 10_000


def read_index(path: str) -> Checkpoint:
    """Sums over the files that the index names; its `total_size` where some are missing.

    Raises `HeaderError` and `OSError`.
    """
    index = _parsed(path)
    weight_map, metadata = index.get("weight_map"), index.get("metadata")
    if not isinstance(weight_map, dict):
        raise HeaderError("it has no weight_map")
    names = sorted({name for name in weight_map.values() if isinstance(name, str)})[:MOST_SHARDS]
    kind = "safetensors" if any(name.endswith(".safetensors") for name in names) else "pytorch"
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    stated = (
        int(total) if isinstance(total, (int, float)) and not isinstance(total, bool) and 0 < total < 1 << 60 else None
    )
    if kind == "pytorch":
        return Checkpoint(kind, stated, None, notes=() if stated else ("its index states no total_size",))
    found = [_shard(os.path.dirname(path), name) for name in names]
    read = [shard for shard in found if shard is not None and shard.bytes is not None]
    return sum_of(read) if len(read) == len(names) else _partly(read, len(names), stated)


def _parsed(path: str) -> dict[str, object]:
    if os.path.getsize(path) > MOST_HEADER:
        raise HeaderError("it is too long for an index")
    with open(path, "rb") as file:
        text = file.read(MOST_HEADER)
    try:
        index = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HeaderError("it is no JSON") from error
    if not isinstance(index, dict):
        raise HeaderError("it is no index")
    return index


def _shard(folder: str, name: str) -> Checkpoint | None:
    """A file beside the index; names that lead elsewhere are not followed."""
    if os.path.basename(name) != name or not name.endswith(".safetensors"):
        return None
    path = os.path.join(folder, name)
    return inspect_file(path) if os.path.isfile(path) else None


def sum_of(shards: list[Checkpoint]) -> Checkpoint:
    """Several files as one checkpoint."""
    by_dtype: Counter[str] = Counter()
    for shard in shards:
        by_dtype.update(shard.by_dtype)
    counts = [shard.parameters for shard in shards]
    whole = sum(count for count in counts if count is not None) if None not in counts else None
    notes = dict.fromkeys(note for shard in shards for note in shard.notes)
    return Checkpoint(
        "safetensors", sum(shard.bytes or 0 for shard in shards), whole, dict(by_dtype), notes=tuple(notes)
    )


def _partly(read: list[Checkpoint], count: int, stated: int | None) -> Checkpoint:
    if stated is None:
        note = f"{count - len(read)} of {count} files cannot be read and the index states no total_size"
        return Checkpoint("safetensors", None, None, notes=(note,))
    note = f"{len(read)} of {count} files are here: size as the index states it"
    return Checkpoint("safetensors", stated, None, notes=(note,))
