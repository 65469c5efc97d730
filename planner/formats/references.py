"""The values of a config whose values refer to each other.

OmegaConf and Hydra write `${a.b}` for another value of the file, `${.b}` for one beside it. Those are followed,
products of them and `oc.select`, too; of `oc.env` only the default is known. What any
other resolver would yield is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from planner.formats.native import fields
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Path

DEEPEST, MOST = 10, 10_000
"""References through references, and references in all."""
REFERENCE, NAME = r"\$\{(.+)\}", r"\.*[A-Za-z_][\w.-]*"
PRODUCTS = frozenset({"multiply", "mul"})
"""NeMo's own resolver, and that of NeMo RL and verl."""
MISSING = "???"
"""What OmegaConf has for a value that must be given on the command line."""


class Stated(NamedTuple):
    """A value after its references, and where it stands."""

    value: Any
    path: Path


class Open(NamedTuple):
    """Stands for a value that is known elsewhere only: as it is written."""

    text: str


class References:
    """Values by dotted path, with references followed."""

    def __init__(self, root: Any, spell: Callable[[str], str] | None = None) -> None:
        """`spell` makes one spelling of the keys of a format that has several: num-layers, --num-layers."""
        self._root = root
        self._spell = spell
        self._left = MOST

    def at(self, path: str) -> Stated | None:
        """What is stated at `path`; its value is `Open` where it is filled in later."""
        return self._below(path.split("."), ())

    def _below(self, steps: list[str], start: Path, depth: int = 0) -> Stated | None:
        """The value at `steps` below `start`, references on the way and at its end followed."""
        value, path = self._root, start
        for step in start:
            if not isinstance(value, dict) or step not in value:
                return None
            value = value[step]
        for step in steps:
            if not isinstance(value, dict):
                return None
            key = self._key(value, step)
            if key is None:
                return None
            path = (*path, key)
            value = self._followed(value[key], path, depth)
        return Stated(value, path)

    def _key(self, values: Mapping[str, Any], step: str) -> str | None:
        if step in values or self._spell is None:
            return step if step in values else None
        return next((key for key in values if self._spell(key) == step), None)

    def _followed(self, value: Any, path: Path, depth: int) -> Any:
        if not isinstance(value, str) or ("${" not in value and value != MISSING):
            return value
        self._left -= 1
        if value == MISSING or depth > DEEPEST or self._left < 0:
            return Open(value)
        match = re.fullmatch(REFERENCE, value.strip())
        if match is None:
            return value
        target, colon, arguments = match[1].strip().partition(":")
        if colon:
            found = self._resolved(target, list(_arguments(arguments)), path, depth + 1)
        elif re.fullmatch(NAME, target):
            found = self._target(target, path, depth + 1)
        else:
            return value
        return Open(value) if found is None else found

    def _target(self, target: str, path: Path, depth: int) -> Any:
        """The value that a reference at `path` names; from the root, it may name the package of the file first."""
        steps = target.lstrip(".").split(".")
        levels = len(target) - len(target.lstrip("."))
        start: Path = path[: max(0, len(path) - levels)] if levels else ()
        found = self._below(steps, start, depth)
        if found is None and not levels and len(steps) > 1:
            found = self._below(steps[1:], (), depth)
        return None if found is None else found.value

    def _resolved(self, resolver: str, arguments: list[str], path: Path, depth: int) -> Any:
        """What one of the resolvers that need nothing but the file yields; None for any other."""
        if resolver in PRODUCTS:
            return self._product(arguments, path, depth)
        if resolver == "oc.select" and re.fullmatch(NAME, arguments[0]):
            found = self._target(arguments[0], path, depth)
            if found is not None and not isinstance(found, Open):
                return found
        if resolver in ("oc.select", "oc.env") and len(arguments) == 2:
            return self._followed(plain(arguments[1]), path, depth)
        return None

    def _product(self, factors: list[str], path: Path, depth: int) -> int | None:
        product = 1
        for factor in factors:
            number = fields.whole(self._followed(factor.strip(), path, depth))
            if number is None:
                return None
            product *= number
        return product


def _arguments(text: str) -> Iterator[str]:
    """Arguments of a resolver, without the space around them; commas within braces or brackets separate none."""
    depth, begun = 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "{[(") - (letter in "}])")
        if letter == "," and not depth:
            yield text[begun:at].strip()
            begun = at + 1
    yield text[begun:].strip()


def plain(text: str) -> Any:
    """An argument as the scalar that it is: 100000, false, null, a text in quotes or without."""
    words: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"[+-]?[0-9]{1,18}\.[0-9]{0,18}", text):
        return float(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
