"""The length of a run with its unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.formats.durations import COMPOSER, OLMO, Duration, duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("63900ba", Duration(steps=63_900)),
        ("13_400ba", Duration(steps=13_400)),
        ("2ep", Duration(epochs=2)),
        ("134e9tok", Duration(tokens=134 * 10**9)),
        ("1000sp", Duration(samples=1_000)),
        ("3600sec", Duration()),
        ("1dur", Duration()),
        (4800, Duration()),
        (True, Duration()),
        ("0ba", Duration()),
        ("", Duration()),
    ],
    ids=[
        "batches", "an underscore", "epochs", "tokens with an exponent", "samples", "seconds say nothing of tokens",
        "a share of a run says nothing", "a bare number has no unit", "a word of YAML", "no batch at all", "nothing",
    ],
)  # fmt: skip
def test_composer_writes_a_unit(text: object, expected: Duration) -> None:
    assert duration(text, COMPOSER) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2e12T", Duration(tokens=2 * 10**12)),
        ("50e9T", Duration(tokens=50 * 10**9)),
        ("1ep", Duration(epochs=1)),
        (515, Duration(steps=515)),
        ("2e12t", Duration()),
    ],
    ids=["tokens", "a stage's tokens", "an epoch", "a bare number is steps", "another unit"],
)
def test_olmo_counts_steps_unless_a_unit_says_otherwise(text: object, expected: Duration) -> None:
    assert duration(text, OLMO) == expected


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_anything_else_is_no_duration(value: object) -> None:
    found = duration(value, COMPOSER)
    assert sum(entry is not None for entry in found) <= 1
