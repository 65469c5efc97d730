"""Layers that are equal are one object, in one model and in several: what is summed over one is summed once."""

from __future__ import annotations

from typing import Any

from planner.model import read
from planner.model.parameters import count

LLAMA = {
    "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000,
}  # fmt: skip
"""Llama 2 7B, of 6,738,415,616 parameters."""


def layers(**changes: Any) -> set[int]:
    return {id(layer) for layer in read({**LLAMA, **changes}).layers}


def test_models_of_the_same_layers_share_them() -> None:
    assert len(layers()) == 1
    assert layers() == layers(num_hidden_layers=16, vocab_size=128256)


def test_others_do_not() -> None:
    assert layers().isdisjoint(layers(num_key_value_heads=8))
    assert layers().isdisjoint(layers(attention_bias=True))


def test_nothing_of_one_is_counted_for_the_other() -> None:
    assert count(read({**LLAMA, "num_key_value_heads": 8})).total < count(read(LLAMA)).total == 6_738_415_616
