"""Damage to command lines: at the level of a shell, and of options and their values."""

from __future__ import annotations

import random
import re
from typing import Any

from vocabulary import NUMBERS, SHELL


def bent(rng: random.Random, value: Any) -> Any:
    """A command line that is not quite `value`."""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = _bent(rng, text)
    return text.split(" ") if isinstance(value, list) else text


def _bent(rng: random.Random, text: str) -> str:
    words = re.split(r"( +)", text)
    at = rng.randrange(len(words))
    match rng.randrange(8):
        case 0:
            place = rng.randint(0, len(text))
            return text[:place] + rng.choice(SHELL) + text[place:]
        case 1:
            words[at] = rng.choice(SHELL)
        case 2:
            words[at] = str(rng.choice(NUMBERS))
        case 3:
            del words[at]
        case 4:
            words.insert(at, words[rng.randrange(len(words))])
        case 5:
            words[at] = rng.choice(("'{}'", '"{}"', "$({})", "`{}`", "${{{}}}", "-{}", "{}=", "{},", "\\{}")).format(
                words[at]
            )
        case 6:
            return re.sub(r"\d+", lambda _: str(rng.choice(NUMBERS)), text, count=1)
        case _:
            return text.replace(
                *rng.choice(((" ", "\n"), (" ", "="), ("=", " "), ("-", "_"), (" ", " \\\n  "), ('"', "'")))
            )
    return "".join(words)
