"""safetensors: single files, shards with their index, and what is none."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.checkpoint import inspect

Write = Callable[[str, bytes], str]
Writer = Callable[..., bytes]

PLAIN = {"model.embed_tokens.weight": ("BF16", (100, 16)), "model.norm.weight": ("F32", (16,))}
PACKED = {"model.layers.0.mlp.up_proj.qweight": ("I32", (2, 64)), "model.layers.0.mlp.up_proj.scales": ("F16", (1, 64))}


@pytest.mark.parametrize("name", ["README.md", "config.json", "tokenizer.json", "weights.npz"])
def test_other_files_are_no_checkpoints(write: Write, name: str) -> None:
    assert inspect(write(name, b"{}")) is None


def test_what_is_not_there_is_no_checkpoint(tmp_path: Path) -> None:
    assert inspect(str(tmp_path / "nowhere")) is None
    assert inspect(str(tmp_path)) is None


def test_a_file_says_bytes_parameters_and_dtypes(write: Write, safetensors: Writer) -> None:
    found = inspect(write("model.safetensors", safetensors(PLAIN, {"format": "pt"})))
    assert found is not None
    assert (found.format, found.bytes, found.parameters) == ("safetensors", 100 * 16 * 2 + 16 * 4, 100 * 16 + 16)
    assert found.by_dtype == {"bfloat16": 3200, "float32": 64}
    assert found.notes == ()


def test_packed_weights_have_bytes_but_no_count(write: Write, safetensors: Writer) -> None:
    found = inspect(write("model.safetensors", safetensors(PACKED)))
    assert found is not None
    assert (found.bytes, found.parameters) == (2 * 64 * 4 + 64 * 2, None)


def test_a_folder_of_shards_is_their_sum(write: Write, safetensors: Writer, tmp_path: Path) -> None:
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    write(first, safetensors({"a": ("BF16", (8, 8))}))
    write(second, safetensors({"b": ("BF16", (4, 8))}))
    index = {"metadata": {"total_size": 1}, "weight_map": {"a": first, "b": second}}
    write("model.safetensors.index.json", json.dumps(index).encode())
    found = inspect(str(tmp_path))
    assert found is not None
    assert (found.bytes, found.parameters, found.by_dtype) == (192, 96, {"bfloat16": 192})


def test_shards_without_an_index_are_their_sum_too(write: Write, safetensors: Writer, tmp_path: Path) -> None:
    write("model-1.safetensors", safetensors({"a": ("BF16", (8, 8))}))
    write("model-2.safetensors", safetensors({"b": ("BF16", (4, 8))}))
    found = inspect(str(tmp_path))
    assert found is not None
    assert found.bytes == 192


def test_missing_shards_leave_the_size_to_the_index(write: Write, tmp_path: Path) -> None:
    index = {"metadata": {"total_size": 16_060_522_496}, "weight_map": {"a": "model-00001-of-00004.safetensors"}}
    write("model.safetensors.index.json", json.dumps(index).encode())
    found = inspect(str(tmp_path))
    assert found is not None
    assert found.bytes == 16_060_522_496
    assert "0 of 1 files" in found.notes[0]


def test_missing_shards_without_a_size_are_said(write: Write, tmp_path: Path) -> None:
    write("model.safetensors.index.json", b'{"weight_map": {"a": "model-1.safetensors"}}')
    found = inspect(str(tmp_path))
    assert found is not None
    assert found.bytes is None
    assert "cannot be read" in found.notes[0]


def test_an_index_does_not_lead_out_of_its_folder(write: Write, safetensors: Writer, tmp_path: Path) -> None:
    write("secret.safetensors", safetensors(PLAIN))
    inner = tmp_path / "inner"
    inner.mkdir()
    path = inner / "model.safetensors.index.json"
    path.write_text('{"weight_map": {"a": "../secret.safetensors"}}')
    found = inspect(str(path))
    assert found is not None
    assert found.bytes is None


def test_adapters_and_the_makers_own_copy_do_not_count(write: Write, safetensors: Writer, tmp_path: Path) -> None:
    write("adapter_model.safetensors", safetensors(PACKED))
    assert inspect(str(tmp_path)) is None
    write("consolidated.safetensors", safetensors({"a": ("BF16", (1, 8))}))
    only = inspect(str(tmp_path))
    write("model.safetensors", safetensors({"a": ("BF16", (8, 8))}))
    both = inspect(str(tmp_path))
    assert only and only.bytes == 16
    assert both and both.bytes == 128


def test_a_file_that_was_not_fetched_has_the_size_that_its_pointer_names(write: Write) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4976698672\n"
    found = inspect(write("model.safetensors", pointer))
    assert found is not None
    assert found.bytes == 4_976_698_672
    assert "not fetched" in found.notes[0]


def test_pytorch_files_have_the_size_of_their_index_or_of_themselves(write: Write, tmp_path: Path) -> None:
    write("pytorch_model-00001-of-00002.bin", bytes(30))
    write("pytorch_model-00002-of-00002.bin", bytes(12))
    loose = inspect(str(tmp_path))
    index = {"metadata": {"total_size": 40}, "weight_map": {"a": "pytorch_model-00001-of-00002.bin"}}
    write("pytorch_model.bin.index.json", json.dumps(index).encode())
    stated = inspect(str(tmp_path))
    assert loose and (loose.format, loose.bytes) == ("pytorch", 42)
    assert stated and (stated.format, stated.bytes) == ("pytorch", 40)


def header(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


ONE = '{"a": {"dtype": %s, "shape": %s, "data_offsets": %s}}'


@pytest.mark.parametrize(
    ("content", "because"),
    [
        pytest.param(b"", "longer than the file", id="an empty file"),
        pytest.param(b"1234", "longer than the file", id="half a length"),
        pytest.param(struct.pack("<Q", 1 << 62) + b"{}", "longer than the file", id="a length beyond the file"),
        pytest.param(header("not json"), "no JSON", id="a header that is no JSON"),
        pytest.param(header("[" * 5000), "no JSON", id="a header that is too deep"),
        pytest.param(header("[]"), "no table", id="a list"),
        pytest.param(header('{"a": 1}'), "no tensor", id="a number for a tensor"),
        pytest.param(header(ONE % ('"X9"', "[1]", "[0, 1]")), "X9", id="a strange dtype"),
        pytest.param(header(ONE % ('["F32"]', "[]", "[0, 4]")), "dtype", id="a list of dtypes"),
        pytest.param(header(ONE % ('"F32"', "[-1]", "[0, 4]")), "shape", id="a negative side"),
        pytest.param(header(ONE % ('"F32"', "[true]", "[0, 4]")), "shape", id="a truth for a side"),
        pytest.param(header(ONE % ('"F32"', "[1]", "[4]")), "place", id="half a place"),
        pytest.param(header(ONE % ('"F32"', "[2]", "[0, 4]")), "fill", id="a shape that does not fit"),
        pytest.param(header(ONE % ('"U8"', "[1]", "[0, 9007199254740992]")), "place", id="a place beyond all files"),
    ],
)  # fmt: skip
def test_a_broken_file_gives_a_reason(write: Write, content: bytes, because: str) -> None:
    found = inspect(write("model.safetensors", content))
    assert found is not None
    assert (found.bytes, found.parameters) == (None, None)
    assert because in found.notes[0]


def test_a_file_that_ends_early_keeps_the_size_of_its_header(write: Write, safetensors: Writer) -> None:
    found = inspect(write("model.safetensors", safetensors(PLAIN)[:-10]))
    assert found is not None
    assert found.bytes == 3264
    assert "ends 10 bytes before" in found.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"weight_map": []}',
        b'{"weight_map": {"a": 1}}',
        b'{"metadata": 3, "weight_map": {"a": "b"}}',
    ],
)
def test_a_broken_index_gives_a_reason(write: Write, content: bytes) -> None:
    found = inspect(write("model.safetensors.index.json", content))
    assert found is not None
    assert found.bytes is None or found.bytes == 0


@given(data=st.data())
def test_no_mutation_of_a_header_raises(safetensors: Writer, data: st.DataObject) -> None:
    content = bytearray(safetensors(PLAIN))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, 200))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.safetensors")
        Path(path).write_bytes(bytes(content))
        found = inspect(path)
    assert found is not None
    assert found.bytes is not None or found.notes
