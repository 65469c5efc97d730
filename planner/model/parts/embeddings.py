"""Embeddings and output heads."""

from __future__ import annotations

from planner.model.stack import Tensor


def embedding(vocab: int, width: int, name: str = "embed_tokens") -> tuple[Tensor, ...]:
    """A row of `width` elements for each of `vocab` tokens."""
    return (Tensor(name, (vocab, width), "embedding", "embedding"),)


def positions(count: int, width: int, name: str = "embed_positions") -> tuple[Tensor, ...]:
    """A learned row for each position."""
    return (Tensor(name, (count, width), "embedding", "embedding"),) if count else ()


def head(vocab: int, width: int, tied: bool, bias: bool = False, name: str = "lm_head") -> tuple[Tensor, ...]:
    """The output head; a tied one is the input embedding and has at most a bias of its own."""
    matrix = () if tied else (Tensor(name, (vocab, width), "embedding", "head"),)
    return (*matrix, Tensor(f"{name}.bias", (vocab,), "embedding", "bias")) if bias else matrix
