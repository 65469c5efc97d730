"""Logits and cross-entropy: bytes per token and word of the vocabulary, by implementation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.memory.training.step import Step

CHUNK_BUFFERS = 2
"""Gradients of the head that a chunked loss keeps while it adds one to the other."""


class Cost(NamedTuple):
    """Bytes per token × vocabulary."""

    forward: float
    """Held when the forward pass ends."""
    peak: float
    """Held at the peak of the loss's backward pass."""
    kept: float
    """Held until the step ends, because the training loop keeps the outputs."""
    head_gradients: bool = False
    """Gradients of the head are summed up over chunks."""


COSTS = {
    "standard": Cost(6, 14, 2),
    "standard-released": Cost(6, 12, 0),
    "older": Cost(8, 16, 2),
    "fused-loss": Cost(2, 4, 0),
    "chunked": Cost(4, 4, 0, True),
    "chunked-compiled": Cost(2, 2, 0, True),
    "compiled": Cost(2, 2.5, 0),
    "vocab-parallel": Cost(6, 10, 0),
    "fused": Cost(0, 0, 0, True),
    "selective": Cost(2, 8, 0),
    "selective-float32": Cost(4, 16, 0),
    "value-head": Cost(6, 6, 0),
    "score": Cost(0, 0, 0),
}
"""standard: transformers ≥ 4.46 in 16 bit: logits 2, log-softmax in float32 4, two float32 buffers of its backward 8.
standard-released: the same where nothing holds the logits. older: `logits.float()` inside of the model. fused-loss: the
loss alone is a fused kernel (flash-attn). chunked: torchtune's and litgpt's loss in chunks of tokens, whose
log-probabilities all stay. chunked-compiled, compiled: the same, and the whole loss, under torch.compile.
vocab-parallel: Megatron-LM. fused: head and loss in one kernel (Liger, cut cross-entropy). selective: TRL's
`selective_log_softmax` of 16-bit logits, sequence by sequence; selective-float32: of logits that accelerate made
float32 under autocast (`convert_outputs_to_fp32`), whose gradients by `gather` and `logsumexp` stand beside each other.
value-head: logits are computed beside the number that counts, cast to float32, and dropped
(`AutoModelForCausalLMWithValueHead`). score: a number, no logits (`AutoModelForSequenceClassification`)."""


def cost(step: Step) -> Cost:
    """The costs of a step's loss: float32 logits where everything is float32, one more copy where they are capped."""
    found = COSTS.get(step.cross_entropy, COSTS["standard"])
    extra = (2.0 if step.precision == "fp32" and found.kept else 0.0) + (2.0 if _capped(step) and found.peak else 0.0)
    kept = found.kept + (2.0 if step.precision == "fp32" and found.kept else 0.0)
    return found._replace(forward=found.forward + extra, peak=found.peak + extra, kept=kept)


def _capped(step: Step) -> bool:
    """Gemma 2 and 3n pass the logits through tanh, which keeps its result."""
    return step.architecture.model_type.startswith(("gemma2", "gemma3n"))


def bytes_at(rate: float, step: Step) -> int:
    """Bytes of `rate` per token and word, where tensor-parallel ranks split the vocabulary."""
    return int(rate * step.answered * step.architecture.vocab_size) // step.tensor


def kernel_bytes(step: Step, trained_head: bool) -> int:
    """What a loss without whole logits keeps instead: a chunk of logits, and gradients of its input and of the head.

    Liger-Kernel, `fused_linear_cross_entropy`: chunk = next power of two of ⌈T / ⌈V / h⌉⌉ tokens, 16-bit logits.
    """
    words, hidden, tokens = step.architecture.vocab_size, step.architecture.hidden_size, step.answered
    gradient = step.compute_bytes * words * hidden * trained_head // step.tensor
    if step.cross_entropy.startswith("chunked"):
        return CHUNK_BUFFERS * gradient
    chunk = 1 << (max(1, -(-tokens // -(-words // hidden))) - 1).bit_length()
    return chunk * words * 2 + 2 * tokens * hidden + gradient
