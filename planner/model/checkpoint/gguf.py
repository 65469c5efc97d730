"""GGUF files (ggml's docs/gguf.md): magic, version, counts, metadata, then name, shape and type of each tensor."""

from __future__ import annotations

import os
import re
from collections import Counter
from math import prod

from planner.model.checkpoint import MOST_BYTES, MOST_HEADER, Checkpoint, HeaderError
from planner.model.checkpoint.cursor import Cursor, OutOfDataError
from planner.model.checkpoint.gguf_config import config_of
from planner.model.quantization.gguf.types import BLOCKS, NUMBERS

FIRST_READ = 1 << 24
"""Bytes that are read at first; tokenizers of 256,000 words take 10 MB."""
MOST_METADATA = 100_000
MOST_TENSORS = 1_000_000
_PART = re.compile(r"(.+)-\d{5}-of-(\d{5})\.gguf")


def read_gguf(path: str) -> Checkpoint:
    """Bytes, elements and types by the header; of a split file all parts. Raises `HeaderError` and `OSError`."""
    whole = _read(path)
    match = _PART.fullmatch(os.path.basename(path))
    if match is None:
        return whole
    folder, count = os.path.dirname(path), int(match[2])
    names = [f"{match[1]}-{number:05d}-of-{count:05d}.gguf" for number in range(1, min(count, 1000) + 1)]
    present = [os.path.join(folder, name) for name in names if os.path.isfile(os.path.join(folder, name))]
    if len(present) < count:
        return whole._replace(bytes=None, parameters=None, notes=(f"{len(present)} of {count} parts are here",))
    return _joined([_read(part) for part in present])


def _joined(parts: list[Checkpoint]) -> Checkpoint:
    by_type: Counter[str] = Counter()
    for part in parts:
        by_type.update(part.by_dtype)
    sizes, counts = [part.bytes for part in parts], [part.parameters for part in parts]
    return Checkpoint(
        "gguf",
        sum(size for size in sizes if size is not None) if None not in sizes else None,
        sum(count for count in counts if count is not None) if None not in counts else None,
        dict(by_type),
        parts[0].config,
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _read(path: str) -> Checkpoint:
    size = os.path.getsize(path)
    reach = FIRST_READ
    with open(path, "rb") as file:
        while True:
            file.seek(0)
            cursor = Cursor(file.read(min(reach, MOST_HEADER)))
            try:
                return _parsed(cursor, size)
            except OutOfDataError as error:
                if reach >= min(size, MOST_HEADER):
                    raise HeaderError("its header does not end") from error
                reach *= 4


def _parsed(cursor: Cursor, size: int) -> Checkpoint:
    if cursor.take(4) != b"GGUF":
        raise HeaderError("it does not begin with GGUF")
    version = cursor.unsigned(4)
    if version not in (2, 3):
        raise HeaderError(f"version {version} is not read" if version < 1 << 16 else "it is big-endian")
    tensors, entries = cursor.unsigned(8), cursor.unsigned(8)
    if tensors > MOST_TENSORS or entries > MOST_METADATA:
        raise HeaderError("it claims too many tensors or metadata")
    metadata = dict(cursor.entry() for _ in range(entries))
    return _counted([_tensor(cursor) for _ in range(tensors)], metadata, size)


def _tensor(cursor: Cursor) -> tuple[str, tuple[int, ...], int]:
    """(name, shape with the row first, type)."""
    name, dimensions = cursor.text(), cursor.unsigned(4)
    if dimensions > 8:
        raise HeaderError("a tensor has too many dimensions")
    shape = tuple(cursor.unsigned(8) for _ in range(dimensions))
    if any(side >= 1 << 48 for side in shape):
        raise HeaderError("a tensor is too large")
    kind = cursor.unsigned(4)
    cursor.unsigned(8)
    return name, shape, kind


def _counted(tensors: list[tuple[str, tuple[int, ...], int]], metadata: dict[str, object], size: int) -> Checkpoint:
    by_type: Counter[str] = Counter()
    for _, shape, kind in tensors:
        name = NUMBERS.get(kind)
        if name is None:
            note = f"tensors of type {kind}, which is not known: size of the file"
            return Checkpoint("gguf", size, None, config=config_of(metadata, {}), notes=(note,))
        block, block_bytes = BLOCKS[name]
        if shape and shape[0] % block:
            raise HeaderError(f"a row of {shape[0]} is no whole number of {name} blocks")
        by_type[name] += prod(shape) // block * block_bytes
    total = by_type.total()
    if total > MOST_BYTES:
        raise HeaderError("its tensors are larger than any")
    short = (f"the file is shorter ({size:,} bytes) than its tensors ({total:,})",) if total > size else ()
    elements = sum(prod(shape) for _, shape, _ in tensors)
    shapes = {name: shape for name, shape, _ in tensors}
    return Checkpoint("gguf", total, elements, dict(by_type), config_of(metadata, shapes), short)
