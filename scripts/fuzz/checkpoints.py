"""Checkpoints in miniature: what readers of headers look at, without the weights."""

from __future__ import annotations

import json
import struct
from typing import Any

_LLAMA = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 256, "intermediate_size": 512,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 320,
    "max_position_embeddings": 4096, "torch_dtype": "bfloat16",
}  # fmt: skip


def safetensors() -> bytes:
    """A checkpoint of two tensors without its data."""
    shapes = {"embed": [320, 256], "norm": [256]}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, shape in shapes.items():
        size = shape[0] * (shape[1] if len(shape) > 1 else 1) * 2
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(64)


def gguf() -> bytes:
    """A header with metadata of several types and two tensors."""
    metadata = {
        "general.architecture": (8, _text("llama")), "general.file_type": (4, struct.pack("<I", 15)),
        **{f"llama.{key}": (4, struct.pack("<I", value)) for key, value in _SIZES.items()},
        "llama.rope.freq_base": (6, struct.pack("<f", 1e4)), "tokenizer.ggml.add_bos_token": (7, b"\1"),
        "tokenizer.ggml.tokens": (9, struct.pack("<IQ", 8, 3) + _text("a") + _text("b") + _text("c")),
        "tokenizer.ggml.token_type": (9, struct.pack("<IQ3i", 5, 3, 1, 1, 1)),
    }  # fmt: skip
    tensors = {
        "token_embd.weight": (12, (256, 320)),
        "blk.0.attn_q.weight": (14, (256, 256)),
        "output_norm.weight": (0, (256,)),
    }
    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    data += b"".join(_text(key) + struct.pack("<I", kind) + value for key, (kind, value) in metadata.items())
    for name, (kind, shape) in tensors.items():
        data += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, 0)
    return data + bytes(64)


_SIZES = {
    "block_count": 1, "embedding_length": 256, "feed_forward_length": 512, "attention.head_count": 4,
    "attention.head_count_kv": 2, "context_length": 4096,
}  # fmt: skip


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


INDEX = json.dumps(
    {"metadata": {"total_size": 164352}, "weight_map": {"embed": "a.safetensors", "norm": "b.safetensors"}}
)
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4976698672\n"
CONFIG = json.dumps(_LLAMA, indent=2)
