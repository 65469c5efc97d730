"""Class defaults by model type, from transformers' configuration classes (scripts/build_model_defaults.py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

from planner.catalog import lines

FILE = os.path.join(os.path.dirname(__file__), "defaults.jsonl")


@lru_cache(maxsize=32)
def record(model_type: str) -> Mapping[str, object] | None:
    """The defaults of `model_type`, its keys' other names under "aliases" and its inner configs under "nested".

    Only the one line is parsed. None for a type that is not in the file.
    """
    found = lines.keyed(FILE, "model_type", model_type) if lines.plain(model_type) else None
    return found if found and found["model_type"] == model_type else None
