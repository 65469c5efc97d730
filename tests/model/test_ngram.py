"""Primes, and the tables of hashed n-grams that have as many rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.parts import ngram


@given(st.integers(0, 200_000))
def test_a_prime_has_no_divisor(number: int) -> None:
    divisible = any(number % divisor == 0 for divisor in range(2, int(number**0.5) + 1))
    assert ngram.is_prime(number) == (number > 1 and not divisible)


@pytest.mark.parametrize("number", [561, 2047, 25_326_001, 1_373_653, 2_147_483_645])
def test_pseudoprimes_are_no_primes(number: int) -> None:
    assert not ngram.is_prime(number)


def test_the_largest_known_prime_of_its_time() -> None:
    assert ngram.is_prime(2**31 - 1)  # Euler 1772


def test_tables_take_successive_primes_and_are_padded() -> None:
    # 11 + 13 + 17 = 41 and 19 + 23 + 29 = 71, to multiples of 8.
    assert ngram.rows(10, 3, 2, 8) == (48, 72)


def test_tables_of_the_published_base() -> None:
    # Built by transformers 5.23.0 for Qwen4-Exp: 16 heads from 20,000,000 on, padded to 128.
    assert ngram.rows(20_000_000, 16, 2, 128) == (320_001_536, 320_005_120)
