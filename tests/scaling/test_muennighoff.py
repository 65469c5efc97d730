"""Muennighoff et al. 2023 (arXiv 2305.16264): what repeated tokens are worth, as huggingface/datablations has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling import muennighoff

COUNTS = st.integers(1, 10**18)


@given(COUNTS, COUNTS)
def test_data_that_do_not_repeat_keep_their_worth(tokens: int, more: int) -> None:
    assert muennighoff.effective_tokens(tokens, tokens + more) == tokens


# README of huggingface/datablations, its loss function run
@pytest.mark.parametrize(
    ("size", "tokens", "unique", "loss"),
    [(6.34e9, 242e9, 25e9, 2.2256440889984477), (8.67e9, 178e9, 25e9, 2.2269634075087867)],
)
def test_the_loss_of_the_papers_two_runs(size: float, tokens: float, unique: float, loss: float) -> None:
    assert muennighoff.loss(size, tokens, unique) == pytest.approx(loss, rel=1e-9)


def test_the_best_use_of_a_budget_on_25b_tokens() -> None:
    # README of huggingface/datablations: a grid search finds 9.49 epochs
    found = muennighoff.allocate(1e22, 25_000_000_000)
    assert found.tokens == pytest.approx(237.337e9, rel=0.002)
    assert found.parameters == pytest.approx(7.0224e9, rel=0.002)


def test_gophers_budget_without_want_of_data() -> None:
    # datablations utils/parametric_fit.ipynb, cell 8
    found = muennighoff.allocate(5.76e23)
    assert found.parameters == pytest.approx(69_962_173_314, rel=1e-6)
    assert found.tokens == pytest.approx(1_372_170_066_384, rel=1e-6)


def test_four_epochs_lose_7_percent() -> None:
    # the paper's abstract: up to 4 epochs change the loss negligibly
    assert muennighoff.effective_tokens(400_000, 100_000) / 400_000 == pytest.approx(0.931, abs=0.001)


def test_sixteen_is_the_epoch_of_one_over_e_and_not_of_one_half() -> None:
    assert muennighoff.marginal_value(16) == pytest.approx(0.377, abs=0.001)
    assert muennighoff.marginal_value(11.67) == pytest.approx(0.5, abs=0.001)


@given(COUNTS, COUNTS)
def test_effective_tokens_never_exceed_the_tokens_nor_16_4_times_the_unique_ones(tokens: int, unique: int) -> None:
    effective = muennighoff.effective_tokens(tokens, unique)
    assert 0 < effective <= tokens
    assert effective <= 16.39 * unique + 1


@given(st.integers(10**6, 10**15), st.floats(1, 200))
def test_more_passes_are_worth_more_and_each_one_less(unique: int, epochs: float) -> None:
    here, later, latest = (muennighoff.effective_tokens(round(unique * (epochs + i)), unique) for i in range(3))
    assert here <= later <= latest
    assert latest - later <= later - here + 2


@given(st.floats(1e19, 1e24), st.floats(0.05, 2))
def test_scarce_data_are_repeated_before_the_model_grows(flops: float, share: float) -> None:
    free = muennighoff.allocate(flops)
    scarce = muennighoff.allocate(flops, round(free.tokens * share))
    assert 6 * scarce.parameters * scarce.tokens == pytest.approx(flops, rel=1e-6)
    assert scarce.tokens >= free.tokens * (1 - 1e-6)
    assert (scarce == free) == (share >= 1 or free.tokens <= round(free.tokens * share))
