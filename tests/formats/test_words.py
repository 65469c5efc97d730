"""Words that are looked for together are found exactly where each of them alone would be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.formats import registry
from planner.formats.words import ENOUGH, Either, Opening, Words

LETTERS = st.text("ab_qé.$\n", max_size=6)


def practised(words: list[str]) -> Words:
    """`words`, asked about often enough to have compiled their patterns."""
    found = Words(words)
    for _ in range(ENOUGH):
        assert set(found.possible("")) == set(words)
    return found


@given(st.lists(LETTERS.filter(bool), max_size=8), st.text("ab_qé.$\n", max_size=30))
def test_a_word_that_is_there_is_possible(words: list[str], text: str) -> None:
    there = {word for word in words if word in text}
    for found in (Words(words), practised(words)):
        assert there <= set(found.possible(text)) <= set(words)
        assert found.occur(text) == bool(there)


@pytest.mark.parametrize("words", [["a_b", "a_bc", "c_b"], ["n_embd", "embed", "base_emb_dim"], ["$a", "a$", "$"]])
def test_words_within_words_do_not_hide_each_other(words: list[str]) -> None:
    for word in words:
        for text in (word, f"{word}{word}", f"x{word}x", f"{word[1:]}{word}", f"{word[:-1]}{word}"):
            assert word in practised(words).possible(text)


def test_nothing_is_possible_in_a_text_without_any() -> None:
    assert list(practised(["llm", "llama", "num_seqs"]).possible("on: push\n")) == []


def test_the_words_of_the_formats_are_found_wherever_they_stand() -> None:
    marks, hints = practised(list(registry.MARKS)), practised(list(registry.HINTS))
    for words in (marks, hints):
        for word in words:
            for text in (word, f"a{word}", f"{word}a", f"# é {word}:\n"):
                assert word in words.possible(text)


def test_every_format_but_the_first_has_words_of_which_one_is_in_its_files() -> None:
    assert [entry.name for entry in registry.FORMATS[1:] if not entry.words] == []


def test_patterns_match_as_one_with_bars_between_them_would() -> None:
    either = Either("b+", "a")
    assert [bool(either.search(text)) for text in ("xa", "xb", "c", "")] == [True, True, False, False]
    opening = Opening("b+|a")
    assert [bool(opening.search(text)) for text in ("ax", "bb", "xa", "")] == [True, True, False, False]
