"""Documents of a file: which there are, and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from planner.source.document import Source

Parse = Callable[..., Source]
At = Callable[..., str]


NOTHING = [
    "",
    " ",
    "\n\n",
    "# a comment",
    "# a\n\n# b\n",
    "---",
    "---\n",
    "---\n# a\n",
    "---\n---\n",
    "\ufeff",
    "--- # a\n...\n",
]


@pytest.mark.parametrize("text", NOTHING)
def test_nothing_is_no_document_and_no_problem(parse: Parse, text: str) -> None:
    source = parse(text)
    assert (source.documents, source.problems) == ((), ())


def test_a_null_that_is_written_is_a_document(parse: Parse) -> None:
    assert [document.data for document in parse("null").documents] == [None]


def test_documents_count_with_the_empty_ones(parse: Parse) -> None:
    source = parse("a: 1\n---\n---\n# three\nb: 2\n...\n---\nc: 3\n")
    assert [(document.index, document.line, document.data) for document in source.documents] == [
        (0, 1, {"a": 1}),
        (2, 5, {"b": 2}),
        (3, 8, {"c": 3}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nb: [1, x, {c: 2.5}]\nd:\n  - e: f\n    g: h\n  -\n    - i\n",
        "? a\n: b\n? c\n",
        "a: |\n  x\n   y\n\nb: >-\n  x\n  y\nc: |+\n  x\n\n\nd: 'it''s'\ne: \"\\t\\u00e9\\x41\"\n",
        "a: &x {b: 1}\nc: *x\nd: [*x, *x]\n",
        "a: &x 1\nb: *x\n*x : c\n",
        "plain text\n over lines",
        "- 1\n- - 2\n  - 3\n-   a: 1\n    b: 2\n",
        "a: {}\nb: []\nc: {d, e: , f: null}\n",
        "&r\na: 1\n",
        "--- !!map\na: 1\n",
        '{"a": [1, 2, {"b": null}], "c": true}',
    ],
)
def test_values_are_those_of_pyyaml(parse: Parse, text: str) -> None:
    assert parse(text).documents[0].data == stringified(yaml.safe_load(text))


def stringified(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): stringified(member) for key, member in value.items()}
    return [stringified(member) for member in value] if isinstance(value, list) else value


MERGES = [
    "a: &a {x: 1}\nb: {<<: *a}",
    "a: &a {x: 1}\nb: {<<: *a, x: 2}",
    "a: &a {x: 1}\nb: {x: 2, <<: *a}",
    "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}",
    "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*b, *a], z: 3}",
    "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}",
    "a: &a {x: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: [*a, *b]}",
    "a: {<<: {x: 1}, y: 2}",
    "a: {<<: [{x: 1}, {x: 2, y: 2}]}",
    "a: {<<: []}",
    "a: {<<: {}}",
    "a: &a {x: {y: 1}}\nb: {<<: *a, x: {z: 2}}",
    'a: &a {x: 1}\nb: {"<<": *a}',
]


@pytest.mark.parametrize("text", MERGES)
def test_merges_are_those_of_pyyaml(parse: Parse, text: str) -> None:
    source = parse(text)
    assert source.documents[0].data == yaml.safe_load(text)
    assert source.problems == ()


def test_only_a_key_merges(parse: Parse) -> None:
    assert parse("a: <<\nb: [<<]\n").documents[0].data == {"a": "<<", "b": ["<<"]}


@pytest.mark.parametrize("value", ["1", "x", "[1]", "[{a: 1}, 2]", "", "*s", "*missing", "*itself"])
def test_only_mappings_merge(parse: Parse, value: str) -> None:
    source = parse(f"s: &s text\na: &itself\n  <<: {value}\n  b: 1\n")
    assert [problem.rule for problem in source.problems] == ["CFG005"]
    assert source.documents[0].data["a"]["b"] == 1


@pytest.mark.parametrize(
    "text",
    ["a: 1\nb: {a: 1}\nc: [{a: 1}, {a: 2}]\n", "a: 1\n---\na: 2\n", "a: 1\nA: 2\n"],
    ids=["in different mappings", "in different documents", "in different case"],
)
def test_a_key_that_stands_once_is_not_said_to_stand_twice(parse: Parse, text: str) -> None:
    assert parse(text).problems == ()


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("a: 1\na: 2\n", {"a": 2}, [(2, 1)]),
        ("x:\n  a: 1\n  b: 3\n  a: 2\n", {"x": {"a": 2, "b": 3}}, [(4, 3)]),
        ("x: [{a: 1, a: {b: 1}}]", {"x": [{"a": {"b": 1}}]}, [(1, 12)]),
        ('1: a\n"1": b\n', {"1": "b"}, [(2, 1)]),
        ("a: 1\na: 2\na: 3\n", {"a": 3}, [(2, 1), (3, 1)]),
    ],
)
def test_a_repeated_key_keeps_its_last_value(
    parse: Parse, text: str, value: object, places: list[tuple[int, int]]
) -> None:
    source = parse(text)
    assert source.documents[0].data == value
    assert [(p.rule, p.fatal, p.span[:2]) for p in source.problems] == [("CFG004", False, place) for place in places]


def test_a_repeated_key_names_the_first_one(parse: Parse, at: At) -> None:
    (problem,) = (source := parse("model:\n  dtype: float16\n  dtype: float32\n")).problems
    assert at(source, problem.span) == "dtype"
    assert [(at(source, span), span.line, label) for span, label in problem.related] == [("dtype", 2, "the first one")]
    assert "line 2" in problem.help


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: *x", {"a": "*x"}),
        ("a: &x [*x]", {"a": ["*x"]}),
        ("&x a: &y {b: *y}", {"a": {"b": "*y"}}),
        ("a: 1\n---\nb: &x 1\n---\nc: *x\n", {"c": "*x"}),
    ],
    ids=["unknown", "recursive sequence", "recursive mapping", "of another document"],
)
def test_an_alias_of_nothing_is_said_and_stays_text(parse: Parse, text: str, value: object) -> None:
    source = parse(text)
    assert [(problem.rule, problem.fatal) for problem in source.problems] == [("CFG005", False)]
    assert source.documents[-1].data == value


@pytest.mark.parametrize("text", ["? [a, b]\n: c", "? {a: b}\n: c", "{[a]: c}", "&x [a]: b", "a: &x [1]\n*x : c\n"])
def test_a_key_that_is_no_scalar_is_said(parse: Parse, text: str) -> None:
    source = parse(text)
    assert [problem.rule for problem in source.problems] == ["CFG005"]
    assert all(isinstance(key, str) for key in source.documents[0].data)


BROKEN = [
    "a: [1, 2\n",
    "a: {b: 1\n",
    "a: 'x\n",
    'a: "\\d"\n',
    "a: b: c\n",
    "a:\n\tb: 1\n",
    "a: @x\n",
    "a:\n  b: 1\n c: 2\n",
    "- a\nb: 1\n",
    "%X\n",
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_document_loses_none_of_the_others(parse: Parse, broken: str) -> None:
    source = parse(f"before: 1\n---\n{broken}---\nafter: 2\n---\nlast: 3\n")
    assert [document.data for document in source.documents] == [{"before": 1}, {"after": 2}, {"last": 3}]
    assert [document.index for document in source.documents] == [0, 2, 3]
    assert [(problem.rule, problem.fatal) for problem in source.problems] == [("CFG001", True)]
    after = source.documents[1]
    assert source.line(after.span(("after",)).line) == "after: 2"


def test_several_broken_documents_are_each_said(parse: Parse) -> None:
    source = parse("a: [\n---\nb: 1\n---\nc: {\n---\nd: 1\n")
    assert [document.data for document in source.documents] == [{"b": 1}, {"d": 1}]
    assert [document.index for document in source.documents] == [1, 3]
    assert len(source.problems) == 2


@pytest.mark.parametrize(
    ("text", "place", "words", "cure"),
    [
        ("a:\n\tb: 1\n", (2, 1), "a tab", "spaces"),
        ("model: [x\nb: 1\n", (2, 2), "','", "comma"),
        ("a: 'x\n", (1, 4), "end of stream", "close the quote"),
        ("a: b: c\n", (1, 5), "mapping values", "quote"),
        ("a: `x`\n", (1, 4), "`", "quote"),
        ("a: 'it's'\n", (1, 8), "expected key", "twice"),
        ("a:\n  b: 1\n c: 2\n", (3, 2), "expected key", "line it up"),
        ("a: 1\n\ufeff---\nb: 1\n", (2, 2), "a byte order mark", "remove the mark"),
    ],
)
def test_a_syntax_error_says_where_and_what_would_mend_it(
    parse: Parse, text: str, place: tuple[int, int], words: str, cure: str
) -> None:
    (problem,) = parse(text).problems
    assert (problem.rule, problem.fatal) == ("CFG001", True)
    assert problem.span[:2] == place
    assert words in problem.message
    assert cure in problem.help


def test_an_unclosed_bracket_names_its_opening(parse: Parse, at: At) -> None:
    source = parse("a: 1\nb: [x,\n  y\nc: 1\n")
    assert [(at(source, span), span.line) for span, _ in source.problems[0].related] == [("[", 2)]


def test_a_modelfile_is_one_text(parse: Parse) -> None:
    text = 'FROM llama3\nPARAMETER num_ctx 4096\nSYSTEM """a: [b"""\n'
    source = parse(text, "deploy/Modelfile")
    assert [document.data for document in source.documents] == [text]
    assert source.problems == ()


def test_without_the_c_parser_the_python_one_reads_the_same(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x {b: [1, 'é']}\nc: {<<: *x, d: |\n  e: [\n---\nf: 1\n"
    fast = parse(text)
    monkeypatch.setattr("planner.source.yaml_reader._parser", yaml.SafeLoader)
    slow = parse(text)
    assert (
        [document.data for document in slow.documents] == [document.data for document in fast.documents] == [{"f": 1}]
    )
    assert [(problem.rule, problem.span.line) for problem in slow.problems] == [
        (p.rule, p.span.line) for p in fast.problems
    ]
