"""Keys that are a slip of the finger away from one that is known."""

from __future__ import annotations

from collections.abc import Iterable


def slip_of(key: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `key` is in another spelling or by one slip; None if that is none or several."""
    name = key.lower().replace("-", "_")
    found = [each for each in known if each == name] or [each for each in known if one_slip(name, each)]
    return found[0] if len(found) == 1 else None


def one_slip(word: str, name: str) -> bool:
    """Whether one letter added, lost, changed or swapped with its neighbour makes `word` out of `name`."""
    if abs(len(word) - len(name)) > 1 or len(word) < 4:
        return False
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    left, right = word[start:], name[start:]
    if left[1:] == right[1:] or left[1:] == right or left == right[1:]:
        return True
    return left[:2] == right[1::-1] and left[2:] == right[2:]
