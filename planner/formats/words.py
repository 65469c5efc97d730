"""Which of many words a text may hold: those that share a rare letter are looked for together.

`re` jumps from one letter to the next one like it, so that a pattern which begins with a rare one is done in a third
of the time that it takes to look for a single word, however many words it looks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class Searching(Protocol):
        """A pattern, or what does as one."""

        def search(self, string: str, /) -> object:
            """A match, if there is one."""

    Group = tuple[str, Callable[[str], object], tuple[str, ...]]
    """A letter, what finds the words around it, and these."""


COMMON = '$OqDLNRTAMPjCzIESwxkbyf.hvg_m-u/dp"cl:rnaoiste '
"""The letters of YAML from rare to common; any other is rarer."""
ENOUGH = 32
"""Texts after which patterns are worth compiling: that takes as long as doing without them for so many."""


class Words:
    """Words to look for. It says of none that is in a text that it is not."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(words))
        self._texts = 0
        self._groups: tuple[Group, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def possible(self, text: str) -> Sequence[str]:
        """Words among which are all that are in `text`. Few of the others, once `ENOUGH` texts were asked about."""
        if not (self._groups or self._practised()):
            return self._words
        found: list[str] = []
        for letter, search, words in self._groups:
            if letter in text and search(text):
                found += words
        return found

    def occur(self, text: str) -> bool:
        """Whether one of them is in `text`."""
        if not (self._groups or self._practised()):
            return any(word in text for word in self._words)
        for letter, search, _ in self._groups:  # noqa: SIM110  a third faster than a generator
            if letter in text and search(text):
                return True
        return False

    def _practised(self) -> bool:
        """Whether there are patterns from now on."""
        self._texts += 1
        if self._texts > ENOUGH:
            self._groups = tuple(_groups(self._words))
        return bool(self._groups)


class Either:
    """Patterns of which one has to match, each compiled when it is first looked for.

    In one pattern with bars between them `re` would try each at every character.
    """

    def __init__(self, *patterns: str, otherwise: Searching | None = None) -> None:
        self._patterns, self._otherwise = patterns, otherwise

    def search(self, text: str) -> object:
        """The first match of the first pattern that has one, else what `otherwise` finds."""
        found = next(filter(None, (_compiled(pattern).search(text) for pattern in self._patterns)), None)
        return found or (self._otherwise.search(text) if self._otherwise is not None else None)


class Opening:
    """A pattern that has to match at the very beginning; with an anchor alone `re` goes on to try everywhere."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def search(self, text: str) -> re.Match[str] | None:
        """The match, if there is one."""
        return _compiled(self._pattern).match(text)


class Within:
    """Patterns of which one has to match in a text that begins in a certain way."""

    def __init__(self, opening: Opening, *patterns: str) -> None:
        self._opening, self._patterns = opening, Either(*patterns)

    def search(self, text: str) -> object:
        """The match, if there is one."""
        return self._opening.search(text) and self._patterns.search(text)


_compiled = cache(re.compile)


def _groups(words: Iterable[str]) -> Iterator[Group]:
    """Many words for one rare letter, as long as there are such. At the end of a word it would tell nothing yet."""
    left = list(words)
    while left:
        letter = max(sorted(set().union(*map(_begin, left))), key=lambda letter: _worth(letter, left))
        alike = tuple(word for word in left if letter in _begin(word))
        left = [word for word in left if word not in alike]
        yield letter, _pattern(letter, alike).search, alike


def _begin(word: str) -> str:
    return word[:-1] or word


def _worth(letter: str, words: Iterable[str]) -> float:
    """Words for the time that it takes to find them: to look through the text once, and at each such letter closer."""
    count = sum(letter in _begin(word) for word in words)
    return count / (10 + COMMON.find(letter) * (1 + count / 12))


def _pattern(letter: str, words: Iterable[str]) -> re.Pattern[str]:
    """One that begins with `letter`, goes on as one of `words` does, and then looks back at the whole of it."""
    ways = (f"{re.escape(word.partition(letter)[2])}(?<={re.escape(word)})" for word in words)
    return re.compile(f"{re.escape(letter)}(?:{'|'.join(ways)})")
