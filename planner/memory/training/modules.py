"""How frameworks write the layers that they train, as far as it decides what stays in memory."""

from __future__ import annotations

from planner.record import NamedTuple


class Modules(NamedTuple):
    """One framework's own layers, beside those of transformers."""

    joint_projection: bool = False
    """Queries, keys and values come out of one matrix, whose whole result stays while values are a part of it; one
    adapter sits on all three; keys and values are repeated for every head."""
    composed_activation: bool = True
    """GELU of elementary operations where transformers has it so (NewGELUActivation)."""
    wide_norms: bool = False
    """An RMS norm multiplies by its weight in float32, and keeps its normed input so."""
    own_head: bool = False
    """The output projection is a matrix of its own where the checkpoint ties it to the embedding."""
    quantizes_head: bool = False
    """A 4-bit base has its output projection in 4 bit as well, and an embedding that collects gradients
    (bitsandbytes' StableEmbedding)."""
    double_quantization: bool = True
    """The scales of a 4-bit base are quantized too (QLoRA, arXiv:2305.14314 §3)."""
    keeps_inputs: bool = False
    """A 4-bit matrix keeps its input, though only its weight is needed: bitsandbytes before 0.44 (`MatMul4Bit`)."""


TRANSFORMERS = Modules()
LITGPT = Modules(
    joint_projection=True, composed_activation=False, wide_norms=True, own_head=True, quantizes_head=True,
    double_quantization=False, keeps_inputs=True,
)  # fmt: skip
"""litgpt/model.py, litgpt/lora.py, litgpt/finetune/lora.py at 0.5, which asks for bitsandbytes 0.42."""
