"""How long a run lasts, as training configs write it with a unit: 63900ba, 2ep, 2e12T."""

from __future__ import annotations

import re

from planner import units
from planner.record import NamedTuple

STEPS, TOKENS, EPOCHS, SAMPLES = "steps", "tokens", "epochs", "samples"
COMPOSER = {"ba": STEPS, "iter": STEPS, "tok": TOKENS, "ep": EPOCHS, "sp": SAMPLES}
"""Units of Composer (composer/core/time.py); seconds and shares of a run (sec, dur) say nothing of its length."""
OLMO = {"": STEPS, "T": TOKENS, "ep": EPOCHS}
"""Units of OLMo's `max_duration` (olmo/train.py)."""


class Duration(NamedTuple):
    """The length of a run in one of its measures; the others are None."""

    steps: int | None = None
    tokens: int | None = None
    epochs: float | None = None
    samples: int | None = None


def duration(value: object, measures: dict[str, str]) -> Duration:
    """The length that `value` states in one of the units of `measures`."""
    match = re.fullmatch(r"([0-9][0-9_.]*(?:[eE][+-]?[0-9]{1,3})?)\s*([A-Za-z]*)", str(value).strip())
    measure = measures.get(match[2]) if match and not isinstance(value, bool) else None
    number = units.count(match[1]) if match and measure else None
    if measure is None or not number:
        return Duration()
    return Duration(**{measure: number})
