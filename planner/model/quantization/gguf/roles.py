"""What a tensor is to llama.cpp's quantizer (llama-quant.cpp, tensor_get_category), by name and kind in our stack."""

from __future__ import annotations

from planner.model.stack import Tensor

HEAD, EMBEDDING, VALUE, KEY, QUERY, OUT = "head", "embedding", "value", "key", "query", "out"
UP, GATE, DOWN, OTHER, KEPT = "up", "gate", "down", "other", "kept"
"""`KEPT` tensors are never quantized; `VALUE` also stands for query, key and value in one matrix."""

PLACED = (VALUE, DOWN, GATE, UP)
"""Roles whose type goes by where the tensor stands."""
SPLIT_ON_CONVERSION = frozenset({"baichuan", "internlm2"})
"""Families whose one matrix of query, key and value the converter takes apart."""

_ATTENTION = {
    VALUE: ("v_proj", "value", "wv", "query_key_value", "qkv_proj", "c_attn", "wqkv", "w_pack", "qkv"),
    KEY: ("k_proj", "key", "wk"),
    QUERY: ("q_proj", "query", "wq"),
    OUT: ("o_proj", "out_proj", "dense", "c_proj", "wo"),
}
_NETWORK = {
    DOWN: ("down_proj", "c_proj", "fc2", "fc_out", "dense_4h_to_h", "w2", "output_linear"),
    GATE: ("gate_proj", "w1"),
    UP: ("up_proj", "gate_up_proj", "c_fc", "fc1", "fc_in", "dense_h_to_4h", "w3", "input_linear"),
}
_BY_NAME = {
    "attention": {name: role for role, names in _ATTENTION.items() for name in names},
    "ffn": {name: role for role, names in _NETWORK.items() for name in names},
}
_RECURRENT = ("mamba", "mixer.in_proj", "mixer.out_proj", "linear_attn", "conv.", "mlstm")
_UNTOUCHED = ("altup", "laurel", "per_layer_model_projection")


def role_of(tensor: Tensor) -> str:
    """Role of `tensor`; tensors outside of attention and feed-forward networks are `OTHER`."""
    if tensor.kind == "head":
        return HEAD
    if tensor.kind == "embedding":
        return KEPT if "position" in tensor.name or tensor.name == "wpe" else EMBEDDING
    if tensor.kind not in ("linear", "expert") or len(tensor.shape) < 2 or tensor.name.startswith(_UNTOUCHED):
        return KEPT
    if tensor.part == "attention" and any(word in tensor.name for word in _RECURRENT):
        return OTHER
    return _BY_NAME.get(tensor.part, {}).get(tensor.name.rpartition(".")[2].lower(), OTHER)


def untouched_type(tensor: Tensor) -> str:
    """Type of a `KEPT` tensor: matrices that are merely spared keep 16 bit, all else is F32."""
    return "F16" if tensor.kind == "linear" and len(tensor.shape) > 1 else "F32"
