"""Encodings: what is decoded, and what is said of the rest."""

from __future__ import annotations

import codecs

import pytest

from planner.source import read

TEXT = "a: 1\nmodèle: 日本 😀\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 LE", "UTF-16 BE", "UTF-32 LE", "UTF-32 BE"],
)
def test_unicode_is_read(data: bytes) -> None:
    source = read("x.yaml", data)
    assert source.text == TEXT
    assert source.documents[0].data == {"a": 1, "modèle": "日本 😀"}
    assert source.documents[0].span(("modèle",)) == (2, 9, 2, 13)


@pytest.mark.parametrize(
    ("data", "place", "offset", "words"),
    [
        ("a: 1\nb: café\n".encode("latin-1"), (2, 7), "offset 11", "Latin-1"),
        (b"a: \xff\n", (1, 4), "offset 3", "Latin-1"),
        (b"\xef\xbb\xbfa: \xff\n", (1, 4), "offset 6", "Latin-1"),
        ("a: é 日".encode() + b"\xe6\x97", (1, 7), "offset 9", "Latin-1"),
        (b"\x00\x01\xff\xfe\x00", (1, 3), "offset 2", "UTF-8"),
        (codecs.BOM_UTF16_LE + "a: 1".encode("utf-16-le") + b"\x00\xd8", (1, 5), "offset 10", "UTF-8"),
        (codecs.BOM_UTF16_LE + b"a", (1, 1), "offset 2", "UTF-8"),
        (b"a: \xed\xa0\x80", (1, 4), "offset 3", "UTF-8"),
    ],
    ids=[
        "Latin-1",
        "one byte",
        "after a mark",
        "cut",
        "binary",
        "half a surrogate pair",
        "half a UTF-16 unit",
        "surrogate",
    ],
)
def test_what_is_no_text_is_said_with_its_place(data: bytes, place: tuple[int, int], offset: str, words: str) -> None:
    source = read("x.yaml", data)
    (problem,) = source.problems
    assert (problem.rule, problem.fatal, problem.span[:2]) == ("CFG002", True, place)
    assert offset in problem.message
    assert words in problem.help
    assert source.documents == ()
    assert len(source.line(place[0])) >= place[1]


@pytest.mark.parametrize(
    "code", [*range(9), 11, 12, *range(14, 32), *range(127, 133), *range(134, 160), 0xFFFE, 0xFFFF]
)
def test_a_control_character_is_said_at_its_place_and_the_rest_is_read(code: int) -> None:
    source = read("x.yaml", f"a: 1\nb: é{chr(code)}\n---\nc: 1\n".encode())
    (problem,) = source.problems
    assert (problem.rule, problem.fatal, problem.span) == ("CFG001", True, (2, 5, 2, 6))
    assert ("NUL" if code == 0 else f"U+{code:04X}") in problem.message
    assert source.documents[1].data == {"c": 1}
    assert source.documents[1].line == 4


def test_utf_16_without_a_mark_is_recognised() -> None:
    (problem, *_) = read("x.yaml", "model: x\n".encode("utf-16-le")).problems
    assert problem.rule == "CFG001"
    assert "UTF-16" in problem.help
