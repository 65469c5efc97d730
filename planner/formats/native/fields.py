"""Values of a section, read with their origins. What cannot be read is None and remembered."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from planner import schema, units
from planner.memo import by_scalar
from planner.workload import Origin

if TYPE_CHECKING:
    from planner.formats.native.sections import Section
    from planner.schema.conform import Node
    from planner.source.document import Document, Path

T = TypeVar("T")
PLAIN = r"(?:[^()*+{}?\\]|\\[.\d\w]|[.\]][*+]){1,120}"
"""A regular expression without groups."""
REPETITIONS = 2
LARGEST = 10**18
"""Of any count: far above every real one, and far below what floats can bear when several are multiplied."""
LEAST_FLOPS, LARGEST_FLOPS = 1e9, 1e32
"""Of a training run."""
LEAST = 1000
"""Parameters of a language model, and tokens that it is trained on: 7 was meant as 7B."""


class Unread:
    """Values that are no such quantity, by field: what they are and where."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[object, Document, Path]] = {}


class Fields:
    """A mapping of a config under the name of its section: "deployment", "deployment.hardware"."""

    __slots__ = ("_document", "_foreign", "_unread", "name", "origins", "path", "values")

    def __init__(self, section: Section, origins: dict[str, Origin], unread: Unread, own: Document) -> None:
        self.name = section.name
        self.values: Mapping[str, object] = section.values
        self.path = section.path
        self.origins = origins
        self._document = section.document
        self._foreign = None if section.document is own else section.document
        self._unread = unread
        origins[self.name] = Origin("key", self.path, self._foreign)

    @property
    def file(self) -> str:
        """The file that holds it, from which its paths start."""
        return self._document.file

    def origin(self, key: str) -> Origin:
        """Where the value of `key` stands."""
        return Origin("key", (*self.path, key), self._foreign, "")

    def below(self, key: str) -> Fields | None:
        """The mapping under `key`; None without one."""
        values = self.values.get(key)
        if not isinstance(values, dict):
            if values is not None:
                self.reject(key)
            return None
        found = Fields.__new__(Fields)
        found.name, found.values, found.path = f"{self.name}.{key}", values, (*self.path, key)
        found.origins, found._document, found._foreign, found._unread = (
            self.origins,
            self._document,
            self._foreign,
            self._unread,
        )
        self.origins[found.name] = Origin("key", found.path, self._foreign)
        return found

    def get(self, key: str, read: Callable[[object], T | None]) -> T | None:
        """The value of `key` as `read` understands it; None if it is not stated, null or not understood."""
        value = self.values.get(key)
        if value is None:
            return None
        self.origins[f"{self.name}.{key}"] = Origin("key", (*self.path, key), self._foreign, "")
        found: T | None = _answer(read, value)
        if found is None:
            self.reject(key)
        return found

    def reject(self, key: str) -> None:
        """Remember that the value of `key` cannot be read."""
        self._unread.places[f"{self.name}.{key}"] = (self.values[key], self._document, (*self.path, key))

    def written(self, key: str) -> str | None:
        """The scalar of `key` as its writer put it: 0.20, not 0.2."""
        return self._document.written((*self.path, key))


@by_scalar
def _answer(read: Callable[[object], Any], value: object) -> Any:
    return read(value)


def whole(value: object) -> int | None:
    """A whole number of at least 1: 8, 8.0, "8", "1_024"."""
    found = units.count(value) if not isinstance(value, str) or value.replace("_", "").isdigit() else None
    return found if found and found <= LARGEST else None


def signed(value: object) -> int | None:
    """A whole number other than 0: 2, -2, "-2"."""
    if isinstance(value, str) and value.startswith("-"):
        below = whole(value[1:])
        return -below if below else None
    if isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value < 0:
        return value
    return whole(value)


def expressions(value: object) -> tuple[str, ...] | None:
    """Regular expressions for names of parameters; None where one has groups or repeats much.

    An expression that comes from a file must not be able to take for ever.
    """
    listed = value if isinstance(value, list) else [value]
    given = [each for each in listed if isinstance(each, str) and re.fullmatch(PLAIN, each)]
    if not given or len(given) < len(listed):
        return None
    if any(each.count("*") + each.count("+") > REPETITIONS for each in given):
        return None
    try:
        return tuple(re.compile(each).pattern for each in given)
    except re.error:
        return None


def count(value: object) -> int | None:
    """A number of steps: 35000, 35K."""
    found = units.count(value)
    return found if found and found <= LARGEST else None


def size(value: object) -> int | None:
    """A number of parameters or of training tokens: 7B, 1.4T."""
    found = units.count(value)
    return found if found and LEAST <= found <= LARGEST else None


def quantity(value: object) -> float | None:
    """A number above 0, or with a K, M, B, T: 1.3M, 0.5."""
    return (float(count(value) or 0) or None) if isinstance(value, str) else above_zero(value)


def flops(value: object) -> float | None:
    """A number of floating-point operations: 5.76e23, "1e24"."""
    if isinstance(value, str):
        try:
            value = float(value.replace("_", ""))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not LEAST_FLOPS <= value <= LARGEST_FLOPS:
        return None
    return float(value)


def context(value: object) -> int | None:
    """A number of tokens of a sequence: 8192, 128K."""
    found = units.context(value)
    return found if found and found <= LARGEST else None


def memory(value: object) -> tuple[int, int] | None:
    """A memory size in bytes, (least, most); below 1 MiB a unit was forgotten."""
    found = units.memory(value)
    return found if found and found[0] >= units.MIB and found[1] <= LARGEST else None


def number(value: object) -> float | None:
    """A finite number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST:
        return None
    return float(value) if math.isfinite(value) else None


def above_zero(value: object) -> float | None:
    """A finite number above 0."""
    return number(value) or None


def share(value: object) -> float | None:
    """A share above 0 and up to 1."""
    found = number(value)
    return found if found and found <= 1 else None


def flag(value: object) -> bool | None:
    """true or false."""
    return value if isinstance(value, bool) else None


def text(value: object) -> str | None:
    """A string that is not empty, without the space around it."""
    return (value.strip() or None) if isinstance(value, str) else None


def word(value: object) -> str | None:
    """A name in lower case, words joined by hyphens."""
    found = text(value)
    return found.lower().replace("_", "-").replace(" ", "-") if found else None


@cache
def words(section: str, key: str, spelled: Callable[[object], str | None] = word) -> Callable[[object], str | None]:
    """A reader of the words that the schema has for `key` of `section`, in any case or as `spelled` reads them."""
    definitions: Node = schema.load("config")["$defs"]
    known = definitions[section]["properties"][key]["enum"]

    def read(value: object) -> str | None:
        found = spelled(value)
        return found if found in known else None

    return read
