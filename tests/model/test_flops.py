"""FLOPs of a forward pass."""

from __future__ import annotations

import pytest

from planner.model import flops, read
from planner.model.parameters import count

LLAMA2_7B = read({"model_type": "llama"})


def test_embeddings_norms_and_positions_are_not_multiplied() -> None:
    # GPT-2 small: 12 layers × 12 · 768² and the tied head, 50,257 × 768 (Radford et al. 2019).
    assert flops.matmul_parameters(read({"model_type": "gpt2"})) == 12 * 12 * 768**2 + 50257 * 768


def test_an_untied_head_is_multiplied_once() -> None:
    found = count(LLAMA2_7B)
    assert flops.matmul_parameters(LLAMA2_7B) == found.total - 32000 * 4096 - found.other


def test_of_experts_those_that_a_token_takes_are_multiplied() -> None:
    mixtral = read({"model_type": "mixtral"})
    found = count(mixtral)
    assert flops.matmul_parameters(mixtral) == found.active - 32000 * 4096 - found.other


def test_attention_is_four_flops_for_each_element_and_token() -> None:
    # PaLM, appendix B: 12·L·H·Q·T for forward and backward together, a third of it forward.
    assert flops.attention_flops(LLAMA2_7B, 2048) == 12 * 32 * 32 * 128 * 2048 // 3


def test_a_window_bounds_the_attention() -> None:
    mistral = read({"model_type": "mistral", "sliding_window": 4096})
    assert flops.attention_flops(mistral, 32_768) == flops.attention_flops(mistral, 4096)


@pytest.mark.parametrize("context", [0, 1, 4096])
def test_a_forward_pass_is_twice_the_parameters_and_the_attention(context: int) -> None:
    expected = 2 * flops.matmul_parameters(LLAMA2_7B) + flops.attention_flops(LLAMA2_7B, context)
    assert flops.forward_flops(LLAMA2_7B, context) == expected
