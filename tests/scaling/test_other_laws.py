"""Kaplan, Porian, DeepSeek, Krajewski: the published points, and what each must not be mistaken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling import deepseek, kaplan, moe, porian


def test_kaplans_ratio_is_no_constant_and_not_1_7() -> None:
    ratios = [kaplan.allocate(flops).tokens / kaplan.allocate(flops).parameters for flops in (1e19, 1e21, 3.14e23)]
    assert ratios[0] > 40
    assert 4 < ratios[1] < 6
    assert ratios[2] < 0.5


def test_kaplan_grows_the_model_5_and_the_data_2_fold_for_ten_times_the_compute() -> None:
    # Hoffmann et al. 2022, introduction: "5.5× ... 1.8×"
    small, large = kaplan.allocate(1e21), kaplan.allocate(1e22)
    assert large.parameters / small.parameters == pytest.approx(5.5, rel=0.03)
    assert large.tokens / small.tokens == pytest.approx(1.8, rel=0.04)


@given(st.floats(1e17, 1e26))
def test_kaplans_tokens_by_size_are_on_its_line(flops: float) -> None:
    found = kaplan.allocate(flops)
    assert kaplan.tokens(found.parameters) == pytest.approx(found.tokens, rel=1e-5)


# formll/resolving-scaling-law-discrepancies, data/summary_df.pickle.xz: tuned runs, RefinedWeb, bootstrap median
@pytest.mark.parametrize(("flops", "ratio"), [(1e18, 15.261043), (1e20, 15.684441), (5.88e23, 16.514606)])
def test_porians_ratio(flops: float, ratio: float) -> None:
    assert porian.ratio(flops) == pytest.approx(ratio, rel=1e-6)


@given(st.floats(1e17, 1e27))
def test_porians_allocation_spends_the_budget_and_agrees_with_its_tokens_by_size(flops: float) -> None:
    found = porian.allocate(flops)
    assert 6 * found.parameters * found.tokens == pytest.approx(flops, rel=1e-6)
    assert porian.tokens(found.parameters) == pytest.approx(found.tokens, rel=1e-5)


@given(st.floats(1e17, 1e26))
def test_deepseeks_model_and_data_scales_multiply_to_the_compute(flops: float) -> None:
    # eq. 4 was fitted under C = M·D; its rounded constants keep that to 0.01 % up to 3e20, and 1e26 is far outside
    found = deepseek.allocate(flops)
    assert 6 * found.parameters * found.tokens == pytest.approx(flops, rel=1e-3)
    assert deepseek.tokens(found.parameters) == pytest.approx(found.tokens, rel=1e-5)


def test_deepseeks_ratio_falls_with_compute() -> None:
    ratios = [deepseek.allocate(flops).tokens / deepseek.allocate(flops).parameters for flops in (1e20, 1e22, 1e24)]
    assert ratios == sorted(ratios, reverse=True)
    assert 10 < ratios[2] < ratios[0] < 25


# Krajewski et al. 2024 (arXiv 2402.07871), Table 2: active parameters (64 experts), granularity → tokens
TABLE_2 = [
    (100_000_000, 8, 4.37e9),
    (1_000_000_000, 16, 28.94e9),
    (3_000_000_000, 16, 72.9e9),
    (7_000_000_000, 32, 137.6e9),
    (70_000_000_000, 32, 941.07e9),
    (300_000_000_000, 64, 2.96e12),
    (1_000_000_000_000, 64, 7.94e12),
]


@pytest.mark.parametrize(("active", "granularity", "tokens"), TABLE_2)
def test_krajewskis_table_2(active: int, granularity: int, tokens: float) -> None:
    assert moe.tokens(active, granularity) == pytest.approx(tokens, rel=0.045)


@pytest.mark.parametrize(("active", "tokens"), [(active, tokens) for active, _, tokens in TABLE_2])
def test_the_granularity_that_nobody_states_matters_little(active: int, tokens: float) -> None:
    assert moe.tokens(active) == pytest.approx(tokens, rel=0.17)
