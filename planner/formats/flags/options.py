"""The options of a command line: both spellings, with `=` or a space, switches, JSON, numbers such as 25.6k."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.formats.flags.variables import expand
from planner.formats.flags.words import Word, script
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.formats.flags.engines import Table
    from planner.formats.flags.variables import Environment
    from planner.source.document import Path

SHORTEST = 8
"""Characters of an abbreviated name."""
_NUMBER_BELOW_ZERO = r"-\d+(?:\.\d+)?"
_VARIABLE = r"\$[A-Za-z_]\w*|\$\([A-Za-z_]\w*\)|\$\{.*\}"
_TRUTH = {"true": True, "false": False}


class Option(NamedTuple):
    """An option as it is given."""

    value: object
    path: Path
    flag: str
    """As written: --max-model-len."""
    missing: tuple[str, ...] = ()
    """Variables in it that nobody sets."""


def name(written: str, table: Table) -> str:
    """The engine's own name of an option, underscored, whatever its spelling: max_model_len.

    Engines written in Python take the beginning of a name for the whole: --gpu-memory-util.
    """
    bare = written.lstrip("-").replace("-", "_")
    meant = table.short.get(bare, bare)
    if meant in table.fields or len(meant) < SHORTEST:
        return meant
    begun = [each for each in table.fields if each.startswith(meant)]
    return begun[0] if len(begun) == 1 else meant


def option(text: str, path: Path, flag: str, environment: Environment) -> Option:
    """The value that `text` stands for."""
    expanded, missing = expand(text, environment)
    return Option(expanded if missing else parsed(expanded), path, flag, missing)


def parsed(text: str) -> object:
    """A number, a truth value, what JSON stands for, or the text itself."""
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d{1,3})?", text) and len(text) < 40:
        number = float(text)
        return number if math.isfinite(number) else text
    if text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if text[:1] in ("{", "["):
        import json

        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def read(words: Sequence[Word], table: Table, environment: Environment) -> dict[str, Option]:
    """The options among `words`; the first word that belongs to none is the model. The last of several counts."""
    found: dict[str, Option] = {}
    words = [part for word in words for part in _spread(word, environment)]
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not _is_flag(word.text):
            if "model" not in found and "model" in table.fields and not re.search(r"[<>]$|^\d?>", word.text):
                found["model"] = option(word.text, word.path, "model", environment)
            continue
        flag, equals, text = word.text.partition("=")
        key = name(flag, table)
        if not equals and key.startswith("no_") and key not in table.switches:
            found[key[3:]] = Option(False, word.path, flag)
            continue
        if not equals:
            taken = _values(words, index, key, table)
            index += taken
            if not taken:
                found[key] = Option(True, word.path, flag)
                continue
            word, text = words[index - taken], words[index - taken].text
        found[key] = option(text, word.path, flag, environment)
    return found


def _spread(word: Word, environment: Environment) -> Sequence[Word]:
    """The words that a variable stands for, or none: "$EXTRA_ARGS". One that nobody sets stays as it is."""
    if not re.fullmatch(_VARIABLE, word.text):
        return (word,)
    text, missing = expand(word.text, environment)
    if missing or (text and not text.startswith("-")):
        return (word,)
    return [part for command in script(text, word.path) for part in command]


def _is_flag(text: str) -> bool:
    return len(text) > 1 and text.startswith("-") and not re.fullmatch(_NUMBER_BELOW_ZERO, text)


def _values(words: Sequence[Word], index: int, key: str, table: Table) -> int:
    """How many words from `index` belong to the option `key`."""
    if index >= len(words) or _is_flag(words[index].text):
        return 0
    if key in table.switches:
        return int(words[index].text.lower() in _TRUTH)
    taken = 1
    while key in table.several and index + taken < len(words) and not _is_flag(words[index + taken].text):
        taken += 1
    return taken
