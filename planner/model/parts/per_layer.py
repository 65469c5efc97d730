"""Embeddings that every layer adds of its own (Gemma-3n, Gemma-4): a second table with a slice for each layer."""

from __future__ import annotations

from planner.model.parts.basic import linear, norm
from planner.model.stack import Tensor


def table(vocab: int, width: int, hidden: int, layers: int) -> tuple[Tensor, ...]:
    """The table of all layers' slices, and the projection of the ordinary embedding to them."""
    return (
        Tensor("embed_tokens_per_layer", (vocab, layers * width), "embedding", "embedding"),
        *linear("per_layer_model_projection", hidden, layers * width, "embedding"),
        *norm("per_layer_projection_norm", width),
    )


def entry(hidden: int, width: int) -> tuple[Tensor, ...]:
    """How one layer takes its slice in."""
    return (
        *linear("per_layer_input_gate", hidden, width, "other"),
        *linear("per_layer_projection", width, hidden, "other"),
        *norm("post_per_layer_input_norm", hidden),
    )
