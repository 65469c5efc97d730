"""FLOPs of a forward pass, per token."""

from __future__ import annotations

from math import ceil, prod

from planner.model.parameters import tensors
from planner.model.stack import Architecture, counted

MATMUL = ("linear", "expert", "head", "router", "conv")
"""Kinds of tensors that multiply a token; embeddings are looked up, norms and biases are added."""


def matmul_parameters(architecture: Architecture) -> int:
    """Parameters that one token is multiplied with: of routed experts those that it takes, a tied head as well."""
    total = 0
    for tensor, times in tensors(architecture):
        if tensor.kind in MATMUL and len(tensor.shape) > 1:
            taken = tensor.copies if tensor.active is None else tensor.active
            total += times * ceil(prod(tensor.shape) * taken)
    return total + (architecture.vocab_size * architecture.hidden_size if architecture.tied else 0)


def attention_flops(architecture: Architecture, context: int) -> int:
    """4 · heads · head size · tokens attended to, over the layers; 4 · elements for each recurrent state.

    Scores and their product with the values are two FLOPs each per element (Chowdhery et al. 2022, PaLM, appendix B,
    whose 12·L·H·Q·T covers the backward pass as well); a state is updated and read likewise.
    """
    total = 0
    for layer, count, _ in counted(architecture.layers):
        each = sum(4 * state.elements for state in layer.states if state.kind == "recurrent")
        spans = [context if cache.window is None else min(context, cache.window) for cache in layer.caches[:1]]
        total += count * (each + sum(4 * layer.query_heads * layer.head_dim * span for span in spans))
    return total


def forward_flops(architecture: Architecture, context: int) -> int:
    """FLOPs of one token that attends to `context` tokens: 2 · matmul parameters + attention.

    Kaplan et al. 2020, table 1.
    """
    return 2 * matmul_parameters(architecture) + attention_flops(architecture, context)
