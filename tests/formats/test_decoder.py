"""Decoders by their traits: parameters as published checkpoints have them."""

from __future__ import annotations

import pytest

from planner.formats.decoder import Decoder, Latent, Mixture, config, rounded_up
from planner.model import read
from planner.model.parameters import count

LLAMA_7B = Decoder(4096, 32, 32, 11008, 32000, gated=True, bias=False, root_norm=True, tied=False)
MIXTRAL = LLAMA_7B._replace(width=14336, kv_heads=8, mixture=Mixture(8, 2))
DEEPSEEK_V3 = Decoder(
    7168, 61, 128, 18432, 129280, gated=True, bias=False, root_norm=True, tied=False,
    latent=Latent(512, 1536, 128, 64, 128), mixture=Mixture(256, 8, 2048, 2048, dense_first=3),
)  # fmt: skip


@pytest.mark.parametrize(
    ("traits", "parameters"),
    [
        (Decoder(768, 12, 12, 3072, 50257, context=1024, learned=True), 124_439_808),
        (LLAMA_7B, 6_738_415_616),
        (LLAMA_7B._replace(width=14336, kv_heads=8, vocabulary=128256), 8_030_261_248),
        (MIXTRAL, 46_702_792_704),
        (DEEPSEEK_V3, 671_026_404_352),
    ],
    ids=["GPT-2", "Llama 2 7B", "Llama 3 8B", "Mixtral 8x7B", "DeepSeek-V3 without the biases of its routers"],
)
def test_a_decoder_has_the_parameters_of_its_checkpoint(traits: Decoder, parameters: int) -> None:
    assert count(read(config(traits))).total == parameters


def test_a_size_that_is_not_stated_is_null_instead_of_a_default() -> None:
    assert config(LLAMA_7B._replace(vocabulary=None))["vocab_size"] is None


@pytest.mark.parametrize(
    ("number", "multiple", "expected"),
    [(50257, 128, 50304), (50277, 256, 50432), (50304, 128, 50304), (None, 128, None), (7, 0, 7)],
    ids=["GPT-2's", "GPT-NeoX-20B's for two ranks", "already a multiple", "unknown", "no multiple"],
)
def test_vocabularies_are_padded(number: int | None, multiple: int, expected: int | None) -> None:
    assert rounded_up(number, multiple) == expected
