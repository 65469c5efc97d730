"""Activations that a layer keeps for its backward pass: bytes per token, operation by operation.

The counts follow what each operation saves in transformers ≥ 5 (eager modules): a float32 norm its input (4 bytes an
element), its normed input and its output; a matrix its input; attention queries, keys, values, output and one float32
per head; a gated unit both halves, the activation and the product. With h hidden, q and kv the widths of queries and
keys, a heads and f the width of the feed-forward network, a Llama layer in 16 bit keeps 16h + 4q + 4kv + 4a + 8f.
For the layer of Korthikanti et al. 2022 (arXiv:2205.05198, Table 2), the sums are its 34h less two dropout masks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.memory.training.lora import named, targeted
from planner.memory.training.widths import Widths, widths

if TYPE_CHECKING:
    from planner.memory.training.step import Step
    from planner.model.stack import Layer, Tensor

MASK = 1
"""Bytes of an element of a dropout mask on a GPU."""


OUTPUTS = ("o_proj", "out_proj", "attn.c_proj")
"""Matrices that read what attention puts out."""
QKV = ("q_proj", "k_proj", "v_proj")


def layer_bytes(layer: Layer, step: Step) -> int:
    """Bytes per token that `layer` keeps without checkpointing, on one tensor-parallel rank."""
    width = widths(step.architecture, layer, step.tensor)
    kept = attention(width, step) + feed_forward(width, step) + quantized_inputs(layer, step)
    stream = norms(width, step) + (adapters(layer, step) if step.frozen else 0)
    return kept + -(-stream // (step.tensor if step.sequence_parallel else 1))


def norms(width: Widths, step: Step) -> int:
    """Norms, and the inputs of the matrices that read them."""
    if step.kernels == "fused":
        return width.norms * width.hidden * step.compute_bytes * (1 if step.frozen else 2)
    if width.norm == "layer":
        return _layer_norms(width, step)
    if step.frozen:
        return width.norms * 4 * width.hidden
    if step.modules.wide_norms:
        return width.norms * 10 * width.hidden
    if step.autocast:
        return (width.norms * 8 + width.readers * 2) * width.hidden
    if step.precision == "fp32":
        return width.norms * 12 * width.hidden
    if width.norm == "gemma":
        return (width.norms * 8 + 4) * width.hidden
    return width.norms * 8 * width.hidden


def _layer_norms(width: Widths, step: Step) -> int:
    """torch's own layer norm keeps its input alone; the matrices behind it keep its output."""
    if step.autocast:
        return (width.norms * 4 + width.readers * 2) * width.hidden
    return width.norms * width.hidden * step.compute_bytes * (1 if step.frozen else 2)


def attention(width: Widths, step: Step) -> int:
    """Queries, keys, values, output; eager attention repeats the keys and keeps its scores, s per head and token."""
    size = step.compute_bytes
    heads = _norms_of_heads(width, step)
    if step.modules.joint_projection:
        return heads + _joint_attention(width, step)
    if step.attention == "eager":
        return heads + 4 * size * width.query + score_bytes(width, step) * width.heads * step.sequence_length
    return heads + 2 * size * (width.query + width.key_value) + 4 * width.heads


def _norms_of_heads(width: Widths, step: Step) -> int:
    """Norms of queries and keys: a float32 input each, and a normed one where their weights are trained."""
    if not width.normed_heads:
        return 0
    each = step.compute_bytes if step.kernels == "fused" else 4 + (0 if step.frozen else step.compute_bytes)
    return each * (width.query + width.key_value)


def _joint_attention(width: Widths, step: Step) -> int:
    """Queries, keys, values and output of one matrix (litgpt's `CausalSelfAttention`).

    Turned queries and keys are new. Values are repeated for every head, or, with as many heads, a view of the matrix'
    whole result, which stays.
    """
    values = width.query if width.key_value < width.query else width.query + 2 * width.key_value
    scores = score_bytes(width, step) * step.sequence_length if step.attention == "eager" else 4
    return step.compute_bytes * (3 * width.query + values) + scores * width.heads


def score_bytes(width: Widths, step: Step) -> int:
    """Bytes per score of eager attention: soft-max in float32 and its 16-bit copy; Gemma 2 caps the scores before."""
    if step.architecture.model_type == "gpt2":
        return step.compute_bytes
    kept = 4 if step.precision == "fp32" else 6
    return kept + (2 if step.architecture.model_type.startswith("gemma2") else 0)


def feed_forward(width: Widths, step: Step) -> int:
    """Hidden values of the feed-forward network; for routed experts also the rows sent to them and back."""
    size = step.compute_bytes
    routed = 0
    if width.experts:
        routed = width.routed * 2 * size * width.hidden + 16 * (width.experts + width.routed)
    return _hidden_values(width, step) * size * width.ffn + routed


def _hidden_values(width: Widths, step: Step) -> int:
    """How many values of the feed-forward width are kept; a frozen matrix does not keep its input."""
    fused = step.kernels == "fused"
    composed = width.composed and step.modules.composed_activation
    gated, plain = (3, 2) if fused else (4, 5 if composed else 2)
    return (gated if width.gated else plain) - (1 if step.frozen else 0)


def adapters(layer: Layer, step: Step) -> int:
    """Inputs of the adapters on a layer and the results of their first matrices.

    An adapter in the dtype of the activations shares its input with its neighbours; one in float32 casts a copy of its
    own (PEFT's `autocast_adapter_dtype`), 16-bit again under autocast. Dropout keeps a mask, and a copy each.
    """
    chosen = targeted(layer, step)
    size = 2 if step.mixed else step.adapter_bytes
    inner = step.rank * size * sum(tensor.copies for tensor in chosen) + _padded(chosen, step) * size
    own_copy = step.dropout > 0 or step.adapter_bytes != step.compute_bytes
    joint = [tensor for tensor in chosen if step.modules.joint_projection and tensor.name.endswith(QKV)]
    inputs = sum(tensor.shape[-1] * tensor.copies for tensor in chosen if tensor not in joint[1:])
    if own_copy:
        return inner + inputs * (size + (MASK if step.dropout else 0))
    return inner + size * shared_inputs(layer, step)


def _padded(chosen: list[Tensor], step: Step) -> int:
    """Elements that a joint adapter puts out for a part of queries, keys and values, before zeros fill the rest."""
    out = [tensor.shape[0] for tensor in chosen if step.modules.joint_projection and tensor.name.endswith(QKV)]
    return sum(out) if len(out) < len(QKV) else 0


def quantized_inputs(layer: Layer, step: Step) -> int:
    """Inputs that quantized matrices keep; those of neighbours are one, and attention keeps its own output anyway.

    Adapters in 16 bit without dropout keep the same inputs.
    """
    alone = step.dropout > 0 or step.adapter_bytes != step.compute_bytes
    if not (step.int8_base and alone) and not (step.method == "qlora" and step.modules.keeps_inputs):
        return 0
    parts = {
        (tensor.part, tensor.shape[-1])
        for tensor in layer.tensors
        if tensor.kind == "linear" and len(tensor.shape) == 2 and not tensor.name.endswith(OUTPUTS)
    }
    again = step.full_batches and step.modules.keeps_inputs
    return step.compute_bytes * sum(size for _, size in parts) * (2 if again else 1)


def shared_inputs(layer: Layer, step: Step) -> int:
    """Elements of the inputs that adapters keep where neighbours share them; attention keeps its own output anyway."""
    parts = {}
    for tensor in targeted(layer, step):
        if not tensor.name.endswith(OUTPUTS):
            parts[(tensor.part, tensor.shape[-1])] = tensor.shape[-1]
    return sum(parts.values())


def checkpoint_bytes(step: Step) -> int:
    """Bytes per token that a checkpointed layer keeps: its input, in the dtype of the residual stream."""
    wide = step.autocast or step.precision == "fp32" or upcast_stream(step)
    split = step.tensor if step.sequence_parallel else 1
    return (4 if wide else 2) * step.architecture.hidden_size // split


def upcast_stream(step: Step) -> bool:
    """A frozen base in float32 has a residual stream in it; PEFT casts the embeddings of a 4-bit base to it as well."""
    if step.method == "qlora":
        return step.adapter_bytes == 4 and step.upcast_base
    return step.frozen and step.base_dtype_bytes == 4


def selective_bytes(layer: Layer, step: Step) -> int:
    """Bytes per token with every second matrix recomputed: input, attention, half of the matrices' results.

    torchtitan's policy per operation: layer input, attention's operands and output, and every second product.
    """
    width, size = widths(step.architecture, layer, step.tensor), step.compute_bytes
    inner = size * (2 * width.query + width.key_value + width.ffn) + 4 * width.heads
    return inner + 2 * size * width.hidden // (step.tensor if step.sequence_parallel else 1)


def final_norm_bytes(step: Step) -> int:
    """Bytes per token of the norm before the head, with the head's input."""
    width = widths(step.architecture, step.architecture.layers[0], step.tensor)
    alone = width._replace(norms=1, readers=1)
    split = step.tensor if step.sequence_parallel else 1
    frozen_head = step.frozen and not any(named(t, step.targets) for t in step.architecture.outside if t.kind == "head")
    gemma = 2 * width.hidden if width.norm == "gemma" and not step.frozen and not step.autocast else 0
    kept = norms(alone, step) if not step.frozen or frozen_head else norms(alone, step) + 2 * width.hidden
    return (kept - gemma) // split


def recompute_bytes(layer: Layer, step: Step) -> int:
    """What a layer's backward pass keeps beyond its own activations: gradients of the widest operation's values.

    A gated unit: gradients of its three wide values less the one that is done. Eager attention: gradients of the
    scores, when the feed-forward network is done with.
    """
    width, size = widths(step.architecture, layer, step.tensor), step.compute_bytes
    inner = 2 if width.gated else 1
    wide = inner * size * width.ffn + size * width.hidden
    if step.attention != "eager":
        return wide
    scores = 6 * width.heads * step.sequence_length + 2 * size * width.hidden - feed_forward(width, step)
    return max(wide, scores - norms(width._replace(norms=width.norms // 2), step))
