"""One headline, an honest range, each law's own answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.scaling import LARGEST
from planner.scaling.recommend import ALLOCATE, TOKENS, allocate, recommend


def test_the_headline_is_twenty_per_parameter_and_the_range_half_to_twice() -> None:
    assert recommend(7_000_000_000)[:3] == (140_000_000_000, 70_000_000_000, 280_000_000_000)


@given(st.integers(10**8, 10**13))
def test_the_laws_of_the_day_agree_within_a_factor_of_two_and_a_half(size: int) -> None:
    advice = recommend(size)
    for law in ("hoffmann-1", "hoffmann-2", "epoch", "muennighoff", "porian", "deepseek"):
        assert 1 / 2.5 <= (advice.laws[law] or 0) / advice.recommended <= 2.5


@given(st.integers(-10, 10**40), st.booleans(), st.none() | st.integers(0, 10**24))
def test_any_size_gets_an_answer_or_none(size: int, mixture: bool, demand: int | None) -> None:
    laws = recommend(size, mixture=mixture, demand=demand).laws
    assert ("krajewski" in laws) == mixture
    assert ("sardana" in laws) == (demand is not None)
    for answer in laws.values():
        assert (isinstance(answer, int) and answer >= 0) if 1 <= size <= LARGEST else answer is None


def test_a_demand_asks_for_more_tokens_than_none() -> None:
    advice = recommend(8_000_000_000, demand=10**14)
    assert (advice.laws["sardana"] or 0) > (advice.laws["epoch"] or 0)


@pytest.mark.parametrize("law", ALLOCATE)
def test_each_law_that_recommends_also_allocates(law: str) -> None:
    assert law in TOKENS
    found = allocate(1e23)[law]
    assert 10**9 < found.parameters < 10**12
    assert TOKENS[law](found.parameters) == pytest.approx(found.tokens, rel=0.12)
