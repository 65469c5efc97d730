"""Sardana et al. 2023 (arXiv 2401.00448): the demand for inference decides the size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling import epoch, parametric, sardana
from planner.scaling.parametric import Parametric

PAPER = Parametric(1.69, 406.4, 410.7, 0.336, 0.283)
"""The constants of nikhilsardana/beyond-chinchilla."""

# (compute-optimal size, demand) → (size, tokens, FLOPs saved, share saved; None where not printed), tolerance.
# Figure 1, and the authors' code run: compute_optimal.py --loss <loss of the size> --inference_tokens <demand>
POINTS = [
    pytest.param(13e9, 2e12, 7e9, None, 1.7e22, 0.17, 0.03, id="figure 1, 13B for 2T should be 7B, saving 17 %"),
    pytest.param(70e9, 1e13, 41.6e9, 7.92e12, None, None, 0.03, id="70B for 10T tokens should be 41.6B on 7.92T"),
    pytest.param(13e9, 2e12, 6.968595e9, 1.2478399e12, 1.6917349e22, 0.1744670, 1e-4, id="their code, 13B for 2T"),
    pytest.param(30e9, 1e13, 13.612830e9, 4.4262374e12, 2.4628391e23, 0.2798483, 1e-4, id="their code, 30B for 10T"),
    pytest.param(70e9, 1e13, 41.551336e9, 7.9225035e12, 3.8082097e23, 0.1194923, 1e-4, id="their code, 70B for 10T"),
]  # fmt: skip


@pytest.mark.parametrize(("usual", "demand", "size", "tokens", "saved", "share", "tolerance"), POINTS)
def test_the_papers_points(
    usual: float,
    demand: float,
    size: float,
    tokens: float | None,
    saved: float | None,
    share: float | None,
    tolerance: float,
) -> None:
    found = sardana.equal_loss(usual, parametric.tokens_for(PAPER, usual), demand, PAPER)
    assert found.parameters == pytest.approx(size, rel=tolerance)
    for ours, theirs in ((found.tokens, tokens), (found.saved_flops, saved), (found.saved_share, share)):
        assert theirs is None or ours == pytest.approx(theirs, rel=tolerance)


def test_the_authors_example_of_a_loss() -> None:
    # README of nikhilsardana/beyond-chinchilla: compute_optimal.py --loss 1.947 [--inference_tokens 2e12]
    usual = parametric.allocate(PAPER, parametric.least_flops(PAPER, 1.947))
    assert usual.parameters == pytest.approx(34.08e9, rel=6e-4)
    assert usual.tokens == pytest.approx(1.810e12, rel=6e-4)
    served = sardana.inference_optimal(1.947, 2e12, PAPER)
    assert served.parameters == pytest.approx(24.18e9, rel=6e-4)
    assert served.tokens == pytest.approx(2.657e12, rel=6e-4)
    assert served.flops == pytest.approx(4.823e23, rel=6e-4)


@pytest.mark.parametrize(
    ("size", "tokens"),
    [
        pytest.param(280e9, 300e9, id="Gopher"),
        pytest.param(175e9, 300e9, id="GPT-3"),
        pytest.param(530e9, 270e9, id="Megatron-Turing NLG"),
        pytest.param(540e9, 780e9, id="PaLM"),
    ],
)
def test_no_demand_pays_for_the_giants_of_2020_to_2022(size: float, tokens: float) -> None:
    assert sardana.break_even(size, tokens) < 0


@pytest.mark.parametrize(
    ("size", "tokens"),
    [
        pytest.param(70e9, 1.4e12, id="Chinchilla"),
        pytest.param(6.74e9, 2e12, id="Llama 2 7B"),
        pytest.param(8.03e9, 15e12, id="Llama 3 8B"),
        pytest.param(405.85e9, 15.6e12, id="Llama 3.1 405B"),
    ],
)
def test_some_demand_pays_for_the_models_that_are_served(size: float, tokens: float) -> None:
    assert sardana.break_even(size, tokens) > 0


def test_the_papers_constants_would_call_chinchilla_too_large_for_any_demand() -> None:
    assert sardana.break_even(70e9, 1.4e12, PAPER) < 0


def test_without_demand_the_compute_optimal_model_is_best() -> None:
    found = sardana.equal_loss(70e9, epoch.tokens(70_000_000_000), 0)
    assert found.parameters == pytest.approx(70e9, rel=1e-4)
    assert found.saved_share == pytest.approx(0, abs=1e-6)


@given(st.integers(10**8, 10**12), st.floats(1e9, 1e16))
def test_break_even_is_the_inverse_of_the_optimum(usual: int, demand: float) -> None:
    found = sardana.equal_loss(usual, epoch.tokens(usual), demand)
    assert sardana.break_even(found.parameters, found.tokens) == pytest.approx(
        demand, rel=1e-3, abs=1e-4 * found.tokens
    )


@given(st.integers(10**8, 10**12), st.integers(10**9, 10**16))
def test_tokens_for_a_demand_break_even_at_it(size: int, demand: int) -> None:
    tokens = sardana.tokens_for(size, demand)
    assert sardana.break_even(size, tokens) == pytest.approx(demand, rel=1e-3, abs=1e-4 * tokens)


@given(st.integers(10**8, 10**12), st.floats(1e10, 1e15))
def test_more_demand_means_a_smaller_model_on_more_tokens_and_never_costs(size: int, demand: float) -> None:
    tokens = epoch.tokens(size)
    less, more = sardana.equal_loss(size, tokens, demand), sardana.equal_loss(size, tokens, 2 * demand)
    assert more.parameters <= less.parameters <= size * 1.001
    assert more.tokens >= less.tokens
    assert more.saved_share >= less.saved_share >= 0
