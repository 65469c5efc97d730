"""Class defaults by model type, from transformers' configuration classes (scripts/build_model_defaults.py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

FILE = os.path.join(os.path.dirname(__file__), "defaults.jsonl")


@lru_cache(maxsize=1)
def _text() -> str:
    with open(FILE, encoding="utf-8") as file:
        return "\n" + file.read()


@lru_cache(maxsize=32)
def record(model_type: str) -> Mapping[str, object] | None:
    """The defaults of `model_type`, its keys' other names under "aliases" and its inner configs under "nested".

    Only the one line is parsed. None for a type that is not in the file.
    """
    if not model_type.isprintable() or '"' in model_type or "\\" in model_type:
        return None
    start = _text().find(f'\n{{"model_type":"{model_type}"')
    if start < 0:
        return None
    import json

    found: Mapping[str, object] = json.loads(_text()[start : _text().index("\n", start + 1)])
    return found
