"""Did-you-means: the same as difflib's, and none of them takes long over a name that is made to."""

from __future__ import annotations

import time
from collections.abc import Callable
from difflib import get_close_matches

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import rules
from planner.catalog import accelerators, instances, models
from planner.spelling import nearest

WORDS = st.text("abc-1", max_size=9)


@given(WORDS.filter(bool), st.lists(WORDS, max_size=9), st.sampled_from([0.5, 0.6, 0.7, 0.8, 1.0]), st.integers(1, 4))
def test_it_finds_what_difflib_does(name: str, known: list[str], cutoff: float, most: int) -> None:
    assert nearest(name, known, most, cutoff) == get_close_matches(name, known, most, cutoff)


@pytest.mark.parametrize("close", [models.close, accelerators.close, instances.close, rules.close])
@pytest.mark.parametrize("part", ["x", "H100-", "7b-", "../", "a ", "("])
def test_a_name_of_megabytes_is_like_none(close: Callable[[str], list[str]], part: str) -> None:
    close("warm")
    begin = time.process_time()
    assert close(part * 1_000_000) == []
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("close", "name"),
    [(models.close, "meta-lama/Lama-{}-7b-hg"), (accelerators.close, "H10{}"), (instances.close, "p5.{}xlarge")],
)
def test_five_hundred_names_are_soon_compared(close: Callable[[str], list[str]], name: str) -> None:
    close("warm")
    begin = time.process_time()
    assert any(close(name.format(number)) for number in range(500))
    assert time.process_time() - begin < 2.5
