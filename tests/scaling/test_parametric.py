"""The three-term loss: Besiroglu's refit, closed forms against each other, and what being off the optimum costs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling import epoch, parametric
from planner.scaling.parametric import Parametric

SIZES = st.integers(10**6, 10**15)
TOKENS = st.integers(10**7, 10**17)


def test_the_refit_has_25_6_tokens_per_parameter_at_1e18() -> None:
    # epoch-research/analyzing-chinchilla, data_analysis.ipynb, cell 69 prints 25.66 (bootstrap median)
    found = epoch.allocate(1e18)
    assert found.tokens / found.parameters == pytest.approx(25.64, rel=0.002)


@pytest.mark.parametrize(
    ("flops", "ratio"), [(1e18, 25.64), (1e20, 22.8), (1e22, 20.3), (5.88e23, 18.33), (1e26, 16.1)]
)
def test_its_ratio_falls_slowly_with_compute(flops: float, ratio: float) -> None:
    found = epoch.allocate(flops)
    assert found.tokens / found.parameters == pytest.approx(ratio, rel=0.005)


def test_the_printed_constants_allocate_like_the_full_ones() -> None:
    # abstract of arXiv 2404.10102
    printed = Parametric(1.8172, 482.01, 2085.43, 0.3478, 0.3658)
    for flops in (1e20, 1e23, 1e26):
        assert parametric.allocate(printed, flops).tokens == pytest.approx(epoch.allocate(flops).tokens, rel=0.005)


def test_chinchilla_is_near_its_optimum() -> None:
    assert parametric.overhead(epoch.LAW, 70e9, 1.4e12) == pytest.approx(1, abs=0.001)


@given(st.floats(1e12, 1e30))
def test_the_optimum_of_a_budget_is_the_least_compute_for_its_loss(flops: float) -> None:
    loss = parametric.loss(epoch.LAW, *parametric.optimum(epoch.LAW, flops))
    assert parametric.least_flops(epoch.LAW, loss) == pytest.approx(flops, rel=1e-6)


@given(st.floats(1e14, 1e30))
def test_an_allocation_spends_the_budget(flops: float) -> None:
    found = epoch.allocate(flops)
    assert 6 * found.parameters * found.tokens == pytest.approx(flops, rel=1e-3)


@given(SIZES)
def test_tokens_for_a_size_and_size_for_its_tokens_are_inverse(size: int) -> None:
    assert parametric.parameters_for(epoch.LAW, epoch.tokens(size)) == pytest.approx(size, rel=1e-5)


@given(SIZES)
def test_a_size_on_its_own_tokens_has_no_overhead(size: int) -> None:
    assert parametric.overhead(epoch.LAW, size, epoch.tokens(size)) == pytest.approx(1, abs=1e-9)


@given(SIZES, TOKENS)
def test_nothing_beats_the_optimum(size: int, tokens: int) -> None:
    assert parametric.overhead(epoch.LAW, size, tokens) >= 1


@given(SIZES, TOKENS)
def test_more_tokens_and_more_parameters_lower_the_loss(size: int, tokens: int) -> None:
    here = parametric.loss(epoch.LAW, size, tokens)
    assert parametric.loss(epoch.LAW, 2 * size, tokens) < here > parametric.loss(epoch.LAW, size, 2 * tokens)


@given(st.floats(0.001, 1000), st.floats(0.2, 0.6), st.floats(1e15, 1e27))
def test_with_equal_exponents_the_overhead_depends_on_the_ratio_alone(x: float, exponent: float, flops: float) -> None:
    law = Parametric(1.7, 400.0, 900.0, exponent, exponent)
    size, tokens = parametric.optimum(law, flops)
    k = math.sqrt(x)
    expected = ((k**exponent + k**-exponent) / 2) ** (2 / exponent)
    assert parametric.overhead(law, size / k, tokens * k) == pytest.approx(expected, rel=1e-5)


# By hand at α = 0.35: (2^.175 + 2^-.175)/2 = 1.00736, to the power of 2/0.35 is 1.043; and so on.
@pytest.mark.parametrize(
    ("x", "overhead"), [(2, 1.043), (0.5, 1.043), (4, 1.181), (0.25, 1.181), (10, 1.571), (0.1, 1.571)]
)
def test_half_costs_4_a_quarter_18_and_a_tenth_57_percent(x: float, overhead: float) -> None:
    law = Parametric(0.0, 1.0, 1.0, 0.35, 0.35)
    k = math.sqrt(x)
    assert parametric.overhead(law, 1e11 / k, 1e11 * k) == pytest.approx(overhead, abs=0.001)
