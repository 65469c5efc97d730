"""Where the edges lie, and that what was measured to be optimal is not called undertrained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling.verdict import shortfall, verdict

BIG = 1e24


# Optima of small ladders: Marin's Delphi (all parameters counted), and nanochat's dev/LOG.md (transformer and head)
@pytest.mark.parametrize(
    ("flops", "ratio"),
    [(3e18, 2.7), (2e19, 4.3), (9e19, 7.5), (3e20, 7.4), (1e21, 13.7), (1e22, 16.5), (1e18, 11.2), (1e19, 10.3)],
)
def test_measured_optima_get_advice_at_most(flops: float, ratio: float) -> None:
    assert shortfall(ratio, flops) <= 1


@pytest.mark.parametrize(
    ("ratio", "grade", "name"),
    [
        (19.76, 0, "ok"),  # mpt-350m of llm-foundry, made to be at 20
        (18, 0, "ok"),
        (17.9, 1, "undertrained"),
        (9.9, 2, "undertrained"),
        (2.9, 3, "severely-undertrained"),
        (40, 0, "ok"),
        (41, 0, "overtrained"),
    ],
)
def test_the_edges_of_a_large_run(ratio: float, grade: int, name: str) -> None:
    assert shortfall(ratio, BIG) == grade
    assert verdict(ratio, grade) == name


def test_a_shortfall_weighs_less_below_1e21_and_is_advice_below_1e20() -> None:
    assert [shortfall(2, flops) for flops in (1e21, 9e20, 9e19)] == [3, 2, 1]
    assert [shortfall(12, flops) for flops in (1e21, 9e20, 9e19)] == [1, 0, 0]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e30))
def test_more_tokens_are_never_judged_worse(one: float, other: float, flops: float) -> None:
    fewer, more = sorted((one, other))
    assert shortfall(more, flops) <= shortfall(fewer, flops)
