"""GGUF: tensors by their types, metadata as a config, parts, and what is none."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model import read
from planner.model.checkpoint import inspect
from planner.model.parameters import count

Write = Callable[[str, bytes], str]
Writer = Callable[..., bytes]

F32, F16, Q4_K, Q6_K = 0, 1, 12, 14
HIDDEN, WIDTH, VOCAB, LAYERS = 256, 512, 320, 2
METADATA = {
    "general.architecture": "llama",
    "general.file_type": 15,
    "general.quantized_by": "somebody",
    "llama.block_count": LAYERS,
    "llama.embedding_length": HIDDEN,
    "llama.feed_forward_length": WIDTH,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "llama.context_length": 4096,
    "llama.rope.freq_base": 10000.0,
    "tokenizer.ggml.add_bos_token": True,
    "tokenizer.ggml.tokens": [f"<{number}>" for number in range(VOCAB)],
    "tokenizer.ggml.token_type": [1] * 5000,
}


def tensors(layers: int = LAYERS, tied: bool = False) -> dict[str, tuple[int, tuple[int, ...]]]:
    found = {"token_embd.weight": (Q4_K, (HIDDEN, VOCAB)), "output_norm.weight": (F32, (HIDDEN,))}
    if not tied:
        found["output.weight"] = (Q6_K, (HIDDEN, VOCAB))
    shapes = {
        "attn_q": (HIDDEN, HIDDEN), "attn_k": (HIDDEN, 128), "attn_v": (HIDDEN, 128), "attn_output": (HIDDEN, HIDDEN),
        "ffn_gate": (HIDDEN, WIDTH), "ffn_up": (HIDDEN, WIDTH), "ffn_down": (WIDTH, HIDDEN),
    }  # fmt: skip
    for layer in range(layers):
        found |= {f"blk.{layer}.{name}.weight": (Q4_K, shape) for name, shape in shapes.items()}
        found |= {f"blk.{layer}.{name}_norm.weight": (F32, (HIDDEN,)) for name in ("attn", "ffn")}
    return found


MATRICES = LAYERS * (2 * HIDDEN * HIDDEN + 2 * HIDDEN * 128 + 3 * HIDDEN * WIDTH) + HIDDEN * VOCAB
NORMS = (2 * LAYERS + 1) * HIDDEN
EXACT = MATRICES * 144 // 256 + HIDDEN * VOCAB * 210 // 256 + NORMS * 4


def test_bytes_are_exact_by_type(write: Write, gguf: Writer) -> None:
    found = inspect(write("model.gguf", gguf(METADATA, tensors(), data=EXACT)))
    assert found is not None
    assert (found.format, found.bytes) == ("gguf", EXACT)
    assert found.by_dtype == {
        "Q4_K": MATRICES * 144 // 256, "Q6_K": HIDDEN * VOCAB * 210 // 256, "F32": NORMS * 4,
    }  # fmt: skip
    assert found.parameters == MATRICES + HIDDEN * VOCAB + NORMS
    assert found.notes == ()


@pytest.mark.parametrize("tied", [False, True], ids=["with a head", "tied"])
def test_the_metadata_describe_the_model_that_the_tensors_are(write: Write, gguf: Writer, tied: bool) -> None:
    found = inspect(write("model.gguf", gguf(METADATA, tensors(tied=tied), data=EXACT)))
    assert found is not None
    assert found.config is not None
    assert found.config["model_type"] == "llama"
    assert found.config["tie_word_embeddings"] is tied
    assert count(read(found.config)).total == found.parameters


def test_experts_make_a_llama_a_mixtral(write: Write, gguf: Writer) -> None:
    metadata = {**METADATA, "llama.expert_count": 8, "llama.expert_used_count": 2}
    found = inspect(write("model.gguf", gguf(metadata, tensors(), data=EXACT)))
    assert found and found.config
    assert (found.config["model_type"], found.config["num_local_experts"]) == ("mixtral", 8)


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({**METADATA, "general.architecture": "mystery"}, id="an unknown architecture"),
        pytest.param({**METADATA, "general.architecture": 7}, id="a number for one"),
        pytest.param({**METADATA, "llama.attention.head_count_kv": [2, 4]}, id="heads that differ by layer"),
        pytest.param({**METADATA, "llama.block_count": 0}, id="no layers"),
    ],
)
def test_what_the_metadata_do_not_say_plainly_is_no_config(
    write: Write, gguf: Writer, metadata: dict[str, object]
) -> None:
    found = inspect(write("model.gguf", gguf(metadata, tensors(), data=EXACT)))
    assert found is not None
    assert (found.bytes, found.config) == (EXACT, None)


def test_a_header_longer_than_the_first_reading(write: Write, gguf: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.model.checkpoint.gguf.FIRST_READ", 1000)
    found = inspect(write("model.gguf", gguf(METADATA, tensors(), data=EXACT)))
    assert found is not None
    assert found.bytes == EXACT


def test_parts_are_one_checkpoint_whichever_is_named(write: Write, gguf: Writer, tmp_path: Path) -> None:
    names = list(tensors())
    halves = [{name: tensors()[name] for name in part} for part in (names[:5], names[5:])]
    paths = [
        write(f"model-{number:05d}-of-00002.gguf", gguf(METADATA, half, data=EXACT))
        for number, half in enumerate(halves, 1)
    ]
    found = [inspect(path) for path in (*paths, str(tmp_path))]
    assert [checkpoint and checkpoint.bytes for checkpoint in found] == [EXACT] * 3
    os.remove(paths[1])
    alone = inspect(paths[0])
    assert alone and alone.bytes is None and alone.notes == ("1 of 2 parts are here",)


def test_a_folder_of_several_quantizations_is_ambiguous(write: Write, gguf: Writer, tmp_path: Path) -> None:
    write("mmproj-F16.gguf", gguf(METADATA, {"v.patch": (F16, (8, 8))}, data=128))
    write("model-Q4_K_M.gguf", gguf(METADATA, tensors(), data=EXACT))
    one = inspect(str(tmp_path))
    write("model-Q8_0.gguf", gguf(METADATA, tensors(), data=EXACT))
    two = inspect(str(tmp_path))
    assert one and one.bytes == EXACT
    assert two and two.bytes is None and "2 GGUF files" in two.notes[0]


def test_an_unknown_type_leaves_the_size_of_the_file(write: Write, gguf: Writer) -> None:
    content = gguf(METADATA, {**tensors(), "new": (99, (256,))}, data=EXACT)
    found = inspect(write("model.gguf", content))
    assert found and found.bytes == len(content)
    assert "type 99" in found.notes[0]


def test_a_file_that_ends_early_keeps_the_size_of_its_header(write: Write, gguf: Writer) -> None:
    found = inspect(write("model.gguf", gguf(METADATA, tensors())))
    assert found and found.bytes == EXACT
    assert "shorter" in found.notes[0]


def start(version: int = 3, tensors: int = 0, entries: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, entries)


def array(kind: int, count: int) -> bytes:
    return struct.pack("<QcIIQ", 1, b"k", 9, kind, count)


@pytest.mark.parametrize(
    ("content", "because"),
    [
        pytest.param(b"", "does not end", id="an empty file"),
        pytest.param(b"GGML" + bytes(40), "does not begin", id="another magic"),
        pytest.param(start(version=1), "version 1", id="the first version"),
        pytest.param(b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian", id="big-endian"),
        pytest.param(start(tensors=1 << 60), "too many", id="more tensors than anybody has"),
        pytest.param(start(entries=1 << 60), "too many", id="more metadata than anybody has"),
        pytest.param(start(entries=1), "does not end", id="metadata that are not there"),
        pytest.param(start(entries=1) + struct.pack("<Q", 1 << 60), "too long", id="a key beyond the file"),
        pytest.param(start(entries=1) + struct.pack("<QcI", 1, b"k", 77), "type 77", id="metadata of no type"),
        pytest.param(start(entries=1) + array(8, 1 << 60), "does not end", id="endless words"),
        pytest.param(start(entries=1) + array(4, 1 << 60), "does not end", id="endless numbers"),
        pytest.param(start(entries=1) + array(9, 1), "type 9", id="an array of arrays"),
        pytest.param(start(tensors=1) + struct.pack("<QcI", 1, b"t", 99), "too many dim", id="99 dimensions"),
        pytest.param(
            start(tensors=1) + struct.pack("<QcIQIQ", 1, b"t", 1, 1 << 60, 0, 0), "too large", id="a side beyond reason"
        ),
        pytest.param(
            start(tensors=1) + struct.pack("<QcIQQIQ", 1, b"t", 2, 1 << 40, 1 << 40, 0, 0), "larger than any",
            id="a tensor beyond reason",
        ),
        pytest.param(
            start(tensors=1) + struct.pack("<QcIQIQ", 1, b"t", 1, 100, Q4_K, 0), "no whole number", id="half a block"
        ),
    ],
)  # fmt: skip
def test_a_broken_file_gives_a_reason(write: Write, content: bytes, because: str) -> None:
    found = inspect(write("model.gguf", content))
    assert found is not None
    assert (found.bytes, found.config) == (None, None)
    assert because in found.notes[0]


@given(data=st.data())
def test_no_mutation_of_a_header_raises(gguf: Writer, data: st.DataObject) -> None:
    content = bytearray(gguf({**METADATA, "tokenizer.ggml.tokens": ["a"], "tokenizer.ggml.token_type": [1]}, tensors()))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.gguf")
        Path(path).write_bytes(bytes(content[: data.draw(st.integers(4, len(content)))]))
        found = inspect(path)
    assert found is not None
    assert found.bytes is not None or found.notes
