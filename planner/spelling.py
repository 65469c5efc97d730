"""Names that one that nobody knows may have been meant as."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], most: int, cutoff: float) -> list[str]:
    """Up to `most` of `known` that share at least `cutoff` of their letters with `name`, the most alike first.

    As `difflib.get_close_matches`, which takes a name apart before it sees that it is too long to be like any other.
    """
    near = alike_in_length(name, known, cutoff)
    if not near:
        return []
    from difflib import get_close_matches

    return get_close_matches(name, near, most, cutoff)


def alike_in_length(name: str, known: Iterable[str], cutoff: float) -> list[str]:
    """Those of `known` that are neither so long nor so short that they cannot share `cutoff` of their letters."""
    size = len(name)
    shortest, longest = size * cutoff / (2 - cutoff), size * (2 - cutoff) / cutoff
    return [each for each in known if shortest <= len(each) <= longest]
