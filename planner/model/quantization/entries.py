"""Reading lists of modules: what can be looked up, what must be matched, and what nobody should wait for."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

from planner.model.quantization.names import LAYER, Names, canonical

MOST = 20_000
"""Entries that are read; real lists have some thousands."""
LONGEST = 300
"""Characters of an entry."""
PATIENCE = 1 << 15
"""Backtracking that a list may cause: eight to the power of an expression's quantifiers, summed over the list."""

_META = re.compile(r"[\\()\[\]|^$+?]")
_QUANTIFIERS = re.compile(r"(?<!\()[*+?{]")
_COSTLY = re.compile(r"\)[*+{]|\\[1-9]|\(\?(?!:)")
"""What this reader has no patience for: repeated groups, references to groups, look-arounds and flags."""
_TOWER = re.compile(r"vis(?:ion|ual)|audio|tower|projector|embed_vision", re.IGNORECASE)
_NUMBERED = re.compile(r"layers.*(?:\d|\\|\[)|\\d|\.\d")


def compile_names(entries: Iterable[object]) -> Names:
    """Entries that are no strings, too long, no regular expression or too costly ones are passed over."""
    listed = tuple(entries)
    usable = [entry for entry in listed[:MOST] if isinstance(entry, str) and 0 < len(entry) <= LONGEST]
    modules: dict[int, set[str]] = {}
    runs: set[str] = set()
    starts: dict[int, list[str]] = {}
    others: list[str] = []
    for entry in usable:
        spelled = "" if entry.startswith("re:") or _META.search(entry) else canonical(entry.strip("."))
        layer = LAYER.match(spelled)
        if layer and "*" not in spelled:
            modules.setdefault(int(layer[1]), set()).add(spelled[layer.end() + 1 :])
        elif layer and spelled.find("*") == len(spelled) - 1:
            starts.setdefault(int(layer[1]), []).append(spelled[:-1])
        elif spelled and "*" not in spelled:
            runs.add(spelled)
        else:
            others.append(entry)
    patterns = _affordable(others)
    return Names(
        modules,
        frozenset(runs),
        frozenset(run.rpartition(".")[2] for run in runs),
        {number: tuple(found) for number, found in starts.items()},
        _compiled("|".join(patterns)) if patterns else None,
        any(_TOWER.search(entry) for entry in usable),
        bool(modules or starts) or any(map(_NUMBERED.search, runs)) or any(map(_numbered, others)),
        len(listed) - len(usable) + len(others) - len(patterns),
    )


def _affordable(entries: list[str]) -> list[str]:
    """Regular expressions of `entries`, to match from the start of a path, as far as patience goes."""
    patterns, patience = [], PATIENCE
    for entry in entries:
        pattern, cost = _pattern(entry), _cost(entry)
        if cost <= patience and _compiled(pattern) is not None:
            patience -= cost
            patterns.append(pattern)
    return patterns


def _pattern(entry: str) -> str:
    if entry.startswith("re:"):
        return f"(?:{entry[3:]})"
    if _META.search(entry):
        return rf"(?:{entry})(?:(?<=\.)|(?=\.|$))"
    spelled = canonical(entry.strip("."))
    body = re.escape(spelled).replace(r"\*", ".*")
    return rf"(?:^|.*\.){body}" + ("" if spelled.endswith("*") else r"(?:\.|$)")


def _numbered(entry: str) -> bool:
    """Whether an entry may tell layers apart: a glob by a number in it, an expression wherever it speaks of layers."""
    if entry.startswith("re:") or _META.search(entry):
        return bool(_NUMBERED.search(_pattern(entry)))
    return any(map(str.isdigit, entry))


def _cost(entry: str) -> int:
    """How much an entry may backtrack; repeated groups and references to groups are past all patience."""
    if _COSTLY.search(entry):
        return PATIENCE + 1
    return int(8 ** min(8, len(_QUANTIFIERS.findall(entry.rstrip("*").removesuffix(".")))) - 1)


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """`pattern` compiled; None if it is no regular expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            return None
