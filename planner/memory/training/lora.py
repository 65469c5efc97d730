"""Low-rank adapters: which matrices they sit on, and how many parameters they have (arXiv:2106.09685)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from planner.memo import by_identity
from planner.memory.training import partial
from planner.model.parameters import elements, tensors
from planner.model.stack import counted

if TYPE_CHECKING:
    from planner.memory.training.step import Step
    from planner.model.stack import Architecture, Layer, Tensor
    from planner.workload import Lora

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
SAVED = {"wte": "embed_tokens", "embed_in": "embed_tokens", "embeddings": "embed_tokens", "head": "lm_head",
         "output": "lm_head", "embed_out": "lm_head", "tok_embeddings": "embed_tokens"}  # fmt: skip
"""Names that others give to embedding and output projection."""
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
    return _targeted(layer, step.targets)


@by_identity
def _targeted(layer: Layer, targets: str | tuple[str, ...]) -> list[Tensor]:
    return [tensor for tensor in layer.tensors if named(tensor, targets) and len(tensor.shape) == 2]


def parameters(step: Step) -> int:
    """Trained parameters of all adapters of a step, with the layers that are trained in full beside them."""
    architecture = step.architecture._replace(layers=partial.layers(step))
    return trained(architecture, step.rank, step.targets, step.dora, step.saved_modules)


def carriers(architecture: Architecture, targets: str | Iterable[str]) -> Iterator[tuple[Tensor, int]]:
    """The matrices of the layers, and the head, that an adapter on `targets` sits on, and how many layers have each."""
    wanted = targets if isinstance(targets, str) else tuple(targets)
    for layer, count, _ in counted(architecture.layers):
        yield from ((tensor, count) for tensor in _targeted(layer, wanted))
    yield from ((tensor, 1) for tensor in architecture.outside if tensor.kind == "head" and named(tensor, wanted))


def stored(architecture: Architecture, lora: Lora) -> int:
    """Parameters of an adapter as PEFT stores it (peft, tuners/lora)."""
    return trained(architecture, lora.rank or 0, lora.targets, lora.dora, lora.modules_to_save)


def trained(
    architecture: Architecture, rank: int, targets: str | Iterable[str], dora: bool, modules: Iterable[str]
) -> int:
    """rank × (in + out) of each matrix, DoRA's magnitude for each output (arXiv:2402.09353), copies of `modules`."""
    low_rank = sum(
        count * (rank * sum(tensor.shape) + dora * tensor.shape[0]) * tensor.copies
        for tensor, count in carriers(architecture, targets)
    )
    return low_rank + copies(architecture, modules)


def copies(architecture: Architecture, modules: Iterable[str]) -> int:
    """Elements of layers that are trained in full beside an adapter (PEFT's `modules_to_save`).

    Of a head that is the input embedding, the copy is a matrix of its own.
    """
    last = [name.rsplit(".", 1)[-1] for name in modules]
    wanted = {SAVED.get(name, name) for name in last}
    whole = tensors(architecture) if wanted else ()
    found = sum(count * elements(t) for t, count in whole if t.name.removesuffix(".bias").rsplit(".", 1)[-1] in wanted)
    tied = architecture.tied and "lm_head" in wanted
    return found + (architecture.vocab_size * architecture.hidden_size if tied else 0)


def quantized_bytes(weights: int, double: bool = True) -> int:
    """Bytes of NF4 weights: 4 bit and a float32 per 64; with double quantization a byte, and a float32 per 256."""
    scales = -(-weights // SCALES[0])
    if not double:
        return weights * NF4[0] // NF4[1] + 4 * scales
    return weights * NF4[0] // NF4[1] + scales + 4 * -(-scales // SCALES[1])
