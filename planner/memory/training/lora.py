"""Low-rank adapters: which matrices they sit on, and how many parameters they have (arXiv:2106.09685)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.memory.training.step import Step
    from planner.model.stack import Layer, Tensor

NF4 = (1, 2)
"""Bytes of a 4-bit weight, as a fraction."""
SCALES = (64, 256)
"""Weights that share a byte of scale, scales that share a float32: double quantization (arXiv:2305.14314)."""

OTHER_NAMES = {
    "query": ("q_proj", "c_attn", "Wqkv"), "key": ("k_proj", "c_attn", "Wqkv"), "value": ("v_proj", "c_attn", "Wqkv"),
    "projection": ("o_proj", "out_proj"), "output_proj": ("o_proj", "out_proj"),
    "mlp": ("gate_proj", "up_proj", "down_proj", "c_fc", "fc1", "fc2"),
    "c_attn": ("q_proj", "k_proj", "v_proj"), "c_proj": ("o_proj", "down_proj"), "w1": ("gate_proj",),
    "w2": ("up_proj",), "w3": ("down_proj",),
    "qkv_proj": ("q_proj", "k_proj", "v_proj"), "gate_up_proj": ("gate_proj", "up_proj"),
    "linear_qkv": ("q_proj", "k_proj", "v_proj"), "linear_proj": ("o_proj",),
    "linear_fc1": ("gate_proj", "up_proj"), "linear_fc2": ("down_proj",), "head": ("lm_head",), "output": ("lm_head",),
}  # fmt: skip
"""Names that litgpt, torchtune, Megatron and models' own code give to the same matrices."""
EVERY = ("all-linear", "all", "linear")


def named(tensor: Tensor, targets: str | Iterable[str]) -> bool:
    """Whether an adapter on `targets` sits on `tensor`: by the last part of its name, or by another framework's."""
    if isinstance(targets, str) and targets in EVERY:
        return tensor.kind == "linear"
    last = tensor.name.rsplit(".", 1)[-1]
    for target in [targets] if isinstance(targets, str) else targets:
        if target in EVERY and tensor.kind == "linear":
            return True
        wanted = target.rsplit(".", 1)[-1]
        if tensor.kind in ("linear", "head") and (last == wanted or last in OTHER_NAMES.get(wanted, ())):
            return True
    return False


def targeted(layer: Layer, step: Step) -> list[Tensor]:
    """The matrices of a layer that carry an adapter."""
    return [tensor for tensor in layer.tensors if named(tensor, step.targets) and len(tensor.shape) == 2]


def parameters(step: Step) -> int:
    """Trained parameters of all adapters: rank × (in + out) for each matrix."""
    architecture = step.architecture
    of_layer = {id(layer): sum(sum(t.shape) * t.copies for t in targeted(layer, step)) for layer in architecture.layers}
    outside = sum(
        sum(tensor.shape) for tensor in architecture.outside if named(tensor, step.targets) and tensor.kind == "head"
    )
    return step.rank * (sum(of_layer[id(layer)] for layer in architecture.layers) + outside)


def quantized_bytes(weights: int, double: bool = True) -> int:
    """Bytes of NF4 weights: 4 bit and a float32 per 64; with double quantization a byte, and a float32 per 256."""
    scales = -(-weights // SCALES[0])
    if not double:
        return weights * NF4[0] // NF4[1] + 4 * scales
    return weights * NF4[0] // NF4[1] + scales + 4 * -(-scales // SCALES[1])
