"""What of a layer decides its activations: widths per token, on one tensor-parallel rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.stack import Architecture, Layer, Tensor

COMPOSED_GELU = frozenset({"gpt2", "gptj", "gpt_neo", "codegen", "phi"})
"""Families whose activation function transformers composes of elementary operations (NewGELUActivation)."""
NORMS_OF_HEADS = ("q_norm", "k_norm", "q_layernorm", "k_layernorm", "q_norm.weight", "k_norm.weight")
HIDDEN_READERS = ("q_proj", "k_proj", "v_proj", "c_attn", "Wqkv", "query_key_value", "qkv_proj", "gate_proj", "up_proj",
                  "gate_up_proj", "c_fc", "fc1", "dense_h_to_4h", "fc_in")  # fmt: skip


class Widths(NamedTuple):
    """Elements per token that a layer's operations have."""

    hidden: int
    norms: int
    norm: str
    """rms, layer, or gemma (whose RMS norm multiplies in float32)."""
    readers: int
    """Matrices that read a norm's output."""
    query: int
    key_value: int
    heads: int
    ffn: int
    """Width of the feed-forward network, of all experts that a token passes together."""
    gated: bool
    composed: bool
    experts: int
    routed: int
    """Experts per token."""
    normed_heads: bool = False
    """Queries and keys have norms of their own (Qwen3, OLMo 2, Gemma 3)."""


def widths(architecture: Architecture, layer: Layer, tensor_parallel: int = 1) -> Widths:
    """The widths of `layer`."""
    return _widths(layer, architecture.hidden_size, architecture.model_type, tensor_parallel)


@by_identity
def _widths(layer: Layer, hidden: int, model_type: str, tensor_parallel: int) -> Widths:
    norms = [t for t in layer.tensors if t.kind == "norm" and t.shape == (hidden,)]
    weights = [t for t in norms if not t.name.endswith("bias")]
    gated = layer.ffn in ("gated", "moe")
    query, key_value = _mixer(layer, hidden)
    return Widths(
        hidden,
        len(weights),
        _norm(model_type, gated and len(weights) == len(norms)),
        sum(t.name.endswith(HIDDEN_READERS) for t in layer.tensors if t.kind == "linear"),
        -(-query // tensor_parallel),
        -(-key_value // tensor_parallel),
        -(-layer.query_heads // tensor_parallel),
        -(-_ffn(layer) // tensor_parallel),
        gated,
        model_type in COMPOSED_GELU,
        layer.experts,
        layer.experts_per_token,
        any(t.name.endswith(NORMS_OF_HEADS) for t in layer.tensors if t.kind == "norm"),
    )


def _norm(model_type: str, rms: bool) -> str:
    if model_type.startswith("gemma"):
        return "gemma"
    return "rms" if rms else "layer"


def _ffn(layer: Layer) -> int:
    if layer.experts:
        return layer.ffn_width * layer.experts_per_token + layer.shared_width
    return layer.ffn_width


def _mixer(layer: Layer, hidden: int) -> tuple[int, int]:
    """(width of queries, of keys); a mixer without heads counts what its matrices put out."""
    query = layer.query_heads * layer.head_dim
    if query:
        return query, query if layer.mixer == "latent" else layer.kv_heads * layer.head_dim
    out = sum(_rows(tensor) for tensor in layer.tensors if tensor.part == "attention" and tensor.kind == "linear")
    return max(0, out - hidden), 0


def _rows(tensor: Tensor) -> int:
    return tensor.shape[0] * tensor.copies
