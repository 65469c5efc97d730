"""What stands in a document's values, whatever kind of value was written there."""

from __future__ import annotations

import math
from collections.abc import Mapping


def below(values: object, *keys: str) -> Mapping[str, object]:
    """The mapping at `keys` in `values`; an empty one where there is none."""
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else {}


def word(value: object) -> str:
    """A name as it is written; empty for a mapping, a list and nothing at all."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).replace("inf", ".inf").replace("nan", ".nan")
    return "" if value is None or isinstance(value, (dict, list)) else str(value)
