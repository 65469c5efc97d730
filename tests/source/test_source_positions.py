"""Lines and columns, as an editor shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.source import lines, read
from planner.source.document import Document, Path, Source

Parse = Callable[..., Source]
At = Callable[..., str]

CONFIG = """\
# a model
model:
  name: "meta-llama/Llama-2-7b-hf"   # quoted
  dtype: &d float16
  tag: !x y
  both: &e !!str 7
  nothing:
  quantization: {method: awq, bits: 4}
  text: |
    one
    two

deployment:
  - hardware: {count: 2}
    list:
      - a
      - 'b c'
  - *d
"""


@pytest.mark.parametrize(
    ("path", "expected", "line"),
    [
        ((), "model", 2),
        (("model",), "model", 2),
        (("model", "name"), '"meta-llama/Llama-2-7b-hf"', 3),
        (("model", "dtype"), "float16", 4),
        (("model", "tag"), "y", 5),
        (("model", "both"), "7", 6),
        (("model", "nothing"), "nothing", 7),
        (("model", "quantization"), "{method: awq, bits: 4}", 8),
        (("model", "quantization", "bits"), "4", 8),
        (("model", "text"), "|\n    one\n    two", 9),
        (("deployment",), "deployment", 13),
        (("deployment", 0), "hardware", 14),
        (("deployment", 0, "hardware", "count"), "2", 14),
        (("deployment", 0, "list"), "list", 15),
        (("deployment", 0, "list", 1), "'b c'", 17),
        (("deployment", 1), "*d", 18),
    ],
)
def test_a_value_stands_where_it_is_written(parse: Parse, at: At, path: Path, expected: str, line: int) -> None:
    source = parse(CONFIG)
    span = source.documents[0].span(path)
    assert (at(source, span), span.line) == (expected, line)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("model", "name"), "name"),
        (("model", "quantization"), "quantization"),
        (("model", "quantization", "bits"), "bits"),
        (("model",), "model"),
        (("deployment", 0, "list", 1), "'b c'"),
        ((), "model"),
    ],
)
def test_a_key_can_be_asked_for(parse: Parse, at: At, path: Path, expected: str) -> None:
    source = parse(CONFIG)
    assert at(source, source.documents[0].span(path, on_key=True)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("model", "nmae"), "model"),
        (("model", "name", "x", 3), '"meta-llama/Llama-2-7b-hf"'),
        (("model", "quantization", "group_size"), "{method: awq, bits: 4}"),
        (("deployment", 9), "deployment"),
        (("deployment", -1), "deployment"),
        (("deployment", "hardware"), "deployment"),
        (("model", 0), "model"),
        (("x",), "model"),
    ],
)
def test_of_a_path_that_does_not_exist_the_part_that_does_counts(
    parse: Parse, at: At, path: Path, expected: str
) -> None:
    source = parse(CONFIG)
    assert at(source, source.documents[0].span(path)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("version",), "0.20"),
        (("size",), "1_000"),
        (("quoted",), "'x'"),
        (("anchored",), "017"),
        (("flow",), "[1, 2]"),
        (("block",), None),
        (("missing",), None),
        ((), None),
    ],
)
def test_what_is_written_can_be_asked_for(parse: Parse, path: Path, expected: str | None) -> None:
    text = "version: 0.20\nsize: 1_000\nquoted: 'x'\nanchored: &a 017\nflow: [1, 2]\nblock:\n  a: 1\n"
    assert parse(text).documents[0].written(path) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_of_every_kind_end_a_line(parse: Parse, at: At, end: str) -> None:
    source = parse(CONFIG.replace("\n", end))
    span = source.documents[0].span(("deployment", 0, "list", 1))
    assert (span.line, span.column, at(source, span)) == (17, 9, "'b c'")


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"], ids=["NEL", "LS", "PS"])
def test_what_only_yaml_takes_for_a_line_end_ends_no_line(parse: Parse, at: At, character: str) -> None:
    source = parse(f"a: 'x{character}y'\nb: 1\n")
    span = source.documents[0].span(("b",))
    assert (span.line, span.column, at(source, span)) == (2, 4, "1")


@pytest.mark.parametrize("before", ["", "\ufeff"], ids=["without", "with"])
def test_a_byte_order_mark_is_no_column(parse: Parse, before: str) -> None:
    assert parse(f"{before}a: 1").documents[0].span(("a",)) == (1, 4, 1, 5)


def test_columns_count_characters(parse: Parse) -> None:
    assert parse("é: {日本: 😀, a: 1}").documents[0].span(("é", "a")) == (1, 15, 1, 16)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1", 1),
        ("\n\n# c\n---\n# d\n\na: 1", 7),
        ("&x\n# c\na: 1", 3),
        ("- - a\n", 1),
        ("--- {a: 1}", 1),
        ("a: 1\na: 2\n", 1),
        ("'a b': 1\n", 1),
    ],
)
def test_a_document_begins_with_its_first_value_or_key(parse: Parse, text: str, line: int) -> None:
    assert parse(text).documents[0].line == line


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a b: 1", "a b"),
        ("'a: b': 1", "'a: b'"),
        ("&x a: 1", "a"),
        ("a:b: 1", "a:b"),
        ("a : 1", "a"),
        ("a: 1\na: 2", "a"),
        ("? a\n: 1", "? a"),
    ],
)
def test_a_document_stands_at_its_first_key(parse: Parse, at: At, text: str, key: str) -> None:
    source = parse(text)
    assert at(source, source.documents[0].span(())) == key


def test_a_merged_value_stands_where_it_was_written(parse: Parse, at: At) -> None:
    source = parse("base: &b\n  x: 1\n  y: {z: 2}\nuse:\n  <<: *b\n  x: 3\n")
    document = source.documents[0]
    assert document.span(("use", "x")).line == 6
    assert document.span(("use", "y", "z")).line == 3
    assert at(source, document.span(("use",))) == "use"


def test_an_alias_stands_at_its_use_and_its_members_at_the_anchor(parse: Parse, at: At) -> None:
    source = parse("base: &b {x: 1}\nuse: *b\n")
    document = source.documents[0]
    assert at(source, document.span(("use",))) == "*b"
    assert document.span(("use", "x")).line == 1


def test_values_of_a_later_document_stand_in_the_file(parse: Parse) -> None:
    assert parse("a: 1\n---\nb: [\n---\nc: 2\n").documents[1].span(("c",)) == (5, 4, 5, 5)


def test_lines_of_a_source() -> None:
    source = Source("x", "one\r\ntwo\rthree\n")
    assert [source.line(number) for number in range(6)] == ["", "one", "two", "three", "", ""]


@given(st.text(alphabet=st.sampled_from("a\r\n\x85\u2028é"), max_size=30))
def test_lines_and_places_agree(text: str) -> None:
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [lines.line(text, number) for number in range(1, len(rows) + 1)] == rows
    for offset, character in enumerate(text):
        line, column = lines.place(text, offset)
        assert 1 <= column <= len(rows[line - 1]) + 2
        if character not in "\r\n":
            assert rows[line - 1][column - 1] == character


UNICODE = st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029")
NUMBERS = st.one_of(st.integers(-(10**30), 10**30), st.floats(allow_nan=False))
NUMBER_OF_OURS = re.compile(r"[-+]?(?:0o[0-7_]+|[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?)")
"""What may be text to PyYAML, which writes it without quotes, and a number to us."""
TEXTS = st.text(UNICODE, max_size=20).filter(lambda text: not NUMBER_OF_OURS.fullmatch(text))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text("abc ", max_size=5), inner, max_size=4))


VALUES = st.recursive(SCALARS, containers, max_leaves=12)
DATA = st.dictionaries(st.text(UNICODE, max_size=8), VALUES, min_size=1, max_size=5)


def scalars_of(document: Document) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = []
    waiting: list[tuple[Path, Any]] = [((), document.data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), member) for key, member in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, i), member) for i, member in enumerate(value)]
        else:
            found.append((path, value))
    return found


@settings(deadline=None)
@given(DATA, st.sampled_from([None, True, False]), st.integers(1, 6), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_text_at_a_scalars_place_is_the_scalar(data: Any, flow: bool | None, indent: int, end: str) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, indent=indent, allow_unicode=True, line_break=end, width=60)
    source = read("x.yaml", text.encode())
    (document,) = source.documents
    assert document.data == data == yaml.safe_load(text)
    for path, value in scalars_of(document):
        written = document.written(path)
        span = document.span(path)
        assert written is not None
        assert yaml.safe_load(written) == value
        start = sum(len(row) + len(end) for row in text.split(end)[: span.line - 1]) + span.column - 1
        assert text.startswith(written, start)


@settings(deadline=None)
@given(
    st.text(st.sampled_from("ab:-[]{}&*!x#'\"\n \t|>,?<"), max_size=40),
    st.lists(st.one_of(st.text("ab:", max_size=2), st.integers(-2, 3)), max_size=4),
    st.booleans(),
)
def test_any_path_has_a_place_in_any_document(text: str, path: list[str | int], on_key: bool) -> None:
    source = read("x.yaml", text.encode())
    for document in source.documents:
        span = document.span(tuple(path), on_key)
        assert span.line <= span.end_line
        assert 1 <= span.column <= len(source.line(span.line)) + 1
        document.written(tuple(path))


@given(st.text("a\r\n\u2028\x85", max_size=12))
def test_lines_begin_behind_what_ends_them(text: str) -> None:
    assert list(lines.starts(text)) == [0, *(end.end() for end in re.finditer(r"\r\n|\n|\r", text))]
