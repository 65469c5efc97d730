"""Writers of small checkpoints, byte by byte."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

SIZES = {"F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "I32": 4, "U8": 1}
GGUF_TYPES = {int: (4, "<I"), float: (6, "<f"), bool: (7, "<?")}


def safetensors_bytes(tensors: Mapping[str, tuple[str, tuple[int, ...]]], metadata: object = None) -> bytes:
    """A file of tensors full of zeros: name → (dtype, shape)."""
    header: dict[str, object] = {} if metadata is None else {"__metadata__": metadata}
    end = 0
    for name, (dtype, shape) in tensors.items():
        size = SIZES[dtype]
        for side in shape:
            size *= side
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(value: object) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, list) and isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 4, len(value)) + b"".join(struct.pack("<I", item) for item in value)
    number, form = GGUF_TYPES[type(value)]
    return struct.pack("<I", number) + struct.pack(form, value)


def gguf_bytes(
    metadata: Mapping[str, object], tensors: Mapping[str, tuple[int, tuple[int, ...]]], version: int = 3, data: int = 0
) -> bytes:
    """A header: name → (type's number, shape with the row first), and `data` bytes behind it."""
    parts = [b"GGUF", struct.pack("<IQQ", version, len(tensors), len(metadata))]
    parts += [_text(key) + _value(value) for key, value in metadata.items()]
    for name, (kind, shape) in tensors.items():
        parts += [_text(name), struct.pack("<I", len(shape)), *(struct.pack("<Q", side) for side in shape)]
        parts.append(struct.pack("<IQ", kind, 0))
    return b"".join(parts) + bytes(data)


Write = Callable[[str, bytes], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and returns its path."""

    def written(name: str, content: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return written


@pytest.fixture(scope="session")
def safetensors() -> Callable[..., bytes]:
    return safetensors_bytes


@pytest.fixture(scope="session")
def gguf() -> Callable[..., bytes]:
    return gguf_bytes
