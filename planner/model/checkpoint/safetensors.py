"""safetensors files: eight bytes of length, a JSON header with dtype, shape and place of each tensor, then the data."""

from __future__ import annotations

import json
import os
from collections import Counter
from math import prod

from planner.model.checkpoint import MOST_BYTES, MOST_HEADER, Checkpoint, HeaderError

DTYPES = {
    "F64": ("float64", 64), "F32": ("float32", 32), "F16": ("float16", 16), "BF16": ("bfloat16", 16),
    "F8_E4M3": ("float8", 8), "F8_E5M2": ("float8", 8), "F8_E8M0": ("float8", 8),
    "F8_E4M3FNUZ": ("float8", 8), "F8_E5M2FNUZ": ("float8", 8), "F4": ("float4", 4),
    "I64": ("int64", 64), "I32": ("int32", 32), "I16": ("int16", 16), "I8": ("int8", 8),
    "U64": ("uint64", 64), "U32": ("uint32", 32), "U16": ("uint16", 16), "U8": ("uint8", 8), "BOOL": ("bool", 8),
}  # fmt: skip
"""(name, bits) of a header's dtypes (safetensors, tensor.rs)."""
_WEIGHTS = frozenset({"F64", "F32", "F16", "BF16"})
MOST_TENSORS = 1_000_000
MOST_POINTER = 1024
"""Bytes of a git-lfs pointer, which stands in for a file that was not fetched."""


def read_safetensors(path: str) -> Checkpoint:
    """Bytes, elements and dtypes by the header. Raises `HeaderError` and `OSError`."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        start = file.read(8)
        if size <= MOST_POINTER and start == b"version ":
            return _pointer(start + file.read(MOST_POINTER))
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(size - 8, MOST_HEADER):
            raise HeaderError("its header is longer than the file" if length > size - 8 else "its header is too long")
        header = _parsed(file.read(length))
    return _counted(header, size - 8 - length)


def _parsed(text: bytes) -> dict[str, object]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HeaderError("its header is no JSON") from error
    if not isinstance(header, dict) or len(header) > MOST_TENSORS:
        raise HeaderError("its header is no table of tensors")
    return header


def _counted(header: dict[str, object], room: int) -> Checkpoint:
    """The sum over all tensors; `room` is what the file has for data."""
    by_dtype: Counter[str] = Counter()
    elements, whole = 0, True
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype, shape, size = _tensor(entry)
        by_dtype[DTYPES[dtype][0]] += size
        elements += prod(shape)
        whole = whole and dtype in _WEIGHTS
    total = by_dtype.total()
    if total > MOST_BYTES:
        raise HeaderError("its tensors are larger than any")
    cut = (f"the file ends {total - room:,} bytes before its data does",) if total > room else ()
    return Checkpoint("safetensors", total, elements if whole else None, dict(by_dtype), notes=cut)


def _tensor(entry: object) -> tuple[str, tuple[int, ...], int]:
    """(dtype, shape, bytes) of one entry; what stands at odds with itself is an error."""
    if not isinstance(entry, dict):
        raise HeaderError("an entry of its header is no tensor")
    dtype, shape, place = entry.get("dtype"), _counts(entry.get("shape")), _counts(entry.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise HeaderError(f"dtype {str(dtype)[:20]} is not known")
    if shape is None or place is None or len(place) != 2:
        raise HeaderError("a tensor's shape or place is none")
    size = place[1] - place[0]
    if size * 8 != prod(shape) * DTYPES[dtype][1]:
        raise HeaderError("a tensor's shape does not fill its place")
    return dtype, shape, size


def _counts(value: object) -> tuple[int, ...] | None:
    """A short list of counts; None if it is none."""
    if not isinstance(value, list) or len(value) > 16:
        return None
    counts = tuple(n for n in value if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 1 << 48)
    return counts if len(counts) == len(value) else None


def _pointer(text: bytes) -> Checkpoint:
    """A git-lfs pointer names the size of the file that it stands for."""
    for line in text.decode("ascii", "replace").splitlines():
        word, _, rest = line.partition(" ")
        if word == "size" and rest.isascii() and rest.isdigit() and len(rest) < 16:
            note = "not fetched (a git-lfs pointer): size of the file, header included"
            return Checkpoint("safetensors", int(rest), None, notes=(note,))
    raise HeaderError("it is a git-lfs pointer without a size")
