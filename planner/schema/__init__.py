"""The JSON Schemas of what planner reads and prints: the single copy, wherever it is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping

SUFFIX = ".schema.json"
_HERE = os.path.dirname(os.path.abspath(__file__))
_FOLDERS = (
    os.path.join(os.path.dirname(_HERE), "schemas"),  # a wheel
    os.path.join(os.path.dirname(os.path.dirname(_HERE)), "schemas"),  # a checkout
)
_loaded: dict[str, Mapping[str, object]] = {}


def names() -> tuple[str, ...]:
    """The schemas there are, in the order of the alphabet."""
    return tuple(sorted(file.removesuffix(SUFFIX) for file in os.listdir(_folder()) if file.endswith(SUFFIX)))


def load(name: str) -> Mapping[str, object]:
    """The schema called `name`, such as config or lint. Raises KeyError for one that does not exist."""
    if name not in _loaded:
        import json

        with open(path(name), encoding="utf-8") as file:
            _loaded[name] = json.load(file)
    return _loaded[name]


def path(name: str) -> str:
    """Where the schema called `name` lies. Raises KeyError for one that does not exist."""
    found = os.path.join(_folder(), name + SUFFIX)
    if not name.isalpha() or not os.path.isfile(found):
        raise KeyError(name)
    return found


def _folder() -> str:
    return _FOLDERS[0] if os.path.isdir(_FOLDERS[0]) else _FOLDERS[1]
