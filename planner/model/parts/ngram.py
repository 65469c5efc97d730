"""Embeddings of hashed n-grams: a table of rows for each hash head, as many rows as a prime number."""

from __future__ import annotations


def rows(base: int, heads: int, tables: int, divisor: int) -> tuple[int, ...]:
    """Rows of each of `tables` tables: `heads` successive primes from `base` on, none used twice, padded to `divisor`.

    transformers, modeling_qwen4_exp.py, Qwen4ExpTextNGramEmbedding.
    """
    found, number = [], base - 1
    for _ in range(tables):
        total = 0
        for _ in range(heads):
            number = next_prime(number)
            total += number
        found.append(-(-total // divisor) * divisor)
    return tuple(found)


def next_prime(number: int) -> int:
    """The smallest prime above `number`."""
    candidate = max(2, number + 1)
    while not is_prime(candidate):
        candidate += 1
    return candidate


WITNESSES = (2, 3, 5, 7)
"""Enough for a certain answer below 3,215,031,751 (Jaeschke 1993)."""


def is_prime(number: int) -> bool:
    """By the Miller–Rabin test; for numbers below 3.2·10⁹."""
    if number < 11 or number % 2 == 0:
        return number in (2, 3, 5, 7)
    twos = ((number - 1) & (1 - number)).bit_length() - 1
    return all(_passes(number, witness, twos) for witness in WITNESSES)


def _passes(number: int, witness: int, twos: int) -> bool:
    power = pow(witness, (number - 1) >> twos, number)
    for _ in range(twos):
        if power in (1, number - 1):
            return True
        power = power * power % number
        if power == 1:
            return False
    return False
