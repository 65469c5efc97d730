"""How a line of a log says something: a text that marks it, a pattern, and what its groups mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from planner.record import NamedTuple
from planner.units import GIB, MIB

LARGEST = 1 << 50
"""Beyond any memory in bytes and any count in a log."""
_UNITS = {"": 1, "b": 1, "bytes": 1, "k": 1 << 10, "m": MIB, "g": GIB, "t": 1 << 40}

Reader = Callable[[str], object]


class Fact(NamedTuple):
    """One kind of line."""

    mark: str
    """Plain text that occurs in every such line."""
    pattern: str
    """Searched in the line. The group `device` says whose values the others are."""
    values: Mapping[str, Reader]
    """How to read each named group; None of a text that is no such value."""
    opens: bool = False
    """Whether it is among the first lines of a start-up."""


def gib(text: str) -> int | None:
    """Bytes of a number of GiB, by whatever name: engines print GB and mean GiB."""
    return _size(text, GIB)


def room(text: str) -> int | None:
    """The same of what is left, which may be less than nothing."""
    return _bytes(text, GIB)


def mib(text: str) -> int | None:
    """Bytes of a number of MiB."""
    return _size(text, MIB)


def size(text: str) -> int | None:
    """Bytes of a number with its unit, powers of 1,024: "20.00 MiB", "896.0 MiB", "0 bytes", "15006 MB"."""
    match = re.fullmatch(r"(-?[\d.]{1,20}) ?([A-Za-z]{0,5})", text.strip())
    unit = match[2].lower() if match else ""
    factor = _UNITS.get(unit, _UNITS.get(unit.removesuffix("b").removesuffix("i"))) if match else None
    return _size(match[1], factor) if match and factor else None


def whole(text: str) -> int | None:
    """A count, perhaps with commas."""
    digits = text.replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


def number(text: str) -> float | None:
    """A number that is not negative."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < LARGEST else None


def words(text: str) -> str | None:
    """A text without the space around it."""
    return text.strip()[:500] or None


def true(text: str) -> bool:
    """The line alone says it."""
    return True


def _size(text: str, factor: int) -> int | None:
    found = _bytes(text, factor)
    return found if found is not None and found >= 0 else None


def _bytes(text: str, factor: int) -> int | None:
    try:
        value = float(text) * factor
    except ValueError:
        return None
    return round(value) if abs(value) < LARGEST else None
