"""Checkpoints on disk, read from their headers alone: how many bytes, in which dtypes, what a GGUF file tells."""

from __future__ import annotations

import os
from collections.abc import Mapping

from planner import disk
from planner.record import NamedTuple

MOST_HEADER = 100_000_000
"""Bytes of a header that are read at most; safetensors' own limit."""


class Checkpoint(NamedTuple):
    """What the headers of a checkpoint say."""

    format: str
    """safetensors, gguf or pytorch."""
    bytes: int | None
    """Of all tensors, without headers; None where the files do not say."""
    parameters: int | None
    """Elements of all tensors; None where some hold several weights in one element."""
    by_dtype: Mapping[str, int] = {}
    """Bytes by dtype, or by ggml type."""
    config: Mapping[str, object] | None = None
    """Hugging Face config.json keys, where a GGUF file says as much."""
    notes: tuple[str, ...] = ()
    """What could not be read, and what was taken instead."""


MOST_BYTES = 1 << 50
"""A petabyte: what claims more is no checkpoint."""


class HeaderError(ValueError):
    """A header that is none. Stays within this package."""


def inspect(path: str) -> Checkpoint | None:
    """The checkpoint at `path`, a folder or a file; None where there is none.

    Only headers are read, within limits. Files that are broken or lie about themselves give a note, never an exception.
    """
    disk.note_more()
    if os.path.isdir(path):
        from planner.model.checkpoint.folder import inspect_folder

        return inspect_folder(path)
    return inspect_file(path) if os.path.isfile(path) else None


def inspect_file(path: str) -> Checkpoint | None:
    """The checkpoint in one file; None if its name is not that of one."""
    name = os.path.basename(path).lower()
    try:
        if name.endswith(".gguf"):
            from planner.model.checkpoint.gguf import read_gguf

            return read_gguf(path)
        if name.endswith(".index.json"):
            from planner.model.checkpoint.index import read_index

            return read_index(path)
        if name.endswith(".safetensors"):
            from planner.model.checkpoint.safetensors import read_safetensors

            return read_safetensors(path)
        if name.endswith((".bin", ".pt", ".pth")):
            return Checkpoint("pytorch", os.path.getsize(path), None, notes=(f"{name}: size of the file",))
    except (HeaderError, OSError) as error:
        kind = "gguf" if name.endswith(".gguf") else "safetensors" if "safetensors" in name else "pytorch"
        return Checkpoint(kind, None, None, notes=(f"{name} could not be read: {error}",))
    return None
