"""Values as JSON that every reader takes: ASCII, no NaN, no lone surrogates, nothing that a CI runner obeys."""

from __future__ import annotations

import json
import math

from planner.report.escape import json_string, json_text

_LINE = json.JSONEncoder(allow_nan=False).encode


def dump(value: object) -> str:
    """`value`, made of dicts, lists, strings, numbers, booleans and None, as indented JSON."""
    return json_text(json.dumps(_clean(value), indent=2, allow_nan=False))


def dump_line(value: object) -> str:
    """`value` on one line."""
    return json_text(_LINE(_clean(value)))


def _clean(value: object) -> object:
    if isinstance(value, str):
        return json_string(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {json_string(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
