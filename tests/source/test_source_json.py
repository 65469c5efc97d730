"""JSON files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.source import read
from planner.source.document import Source

Parse = Callable[..., Source]
At = Callable[..., str]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        "-1.5e-3",
        '\t{\n\t"a":1,\t"b" : [true, false, null, "x"]\r\n}\n',
        r'{"a": "\ud83d\ude00 \" \\ \/ \b\u00e9"}',
        '{"' + "k" * 2000 + '": 1}',
        '{"yes": "no", "on": "017", "1": "0x1", "<<": {"a": 1}, "": ""}',
        '{"a": "\x7f \x85 \u2028"}',
        '{"a": 1E5, "b": 0, "c": -0.0, "d": 1e-0005}',
    ],
)
def test_json_is_read_as_json(parse: Parse, text: str) -> None:
    source = parse(text, "config.json")
    assert source.documents[0].data == json.loads(text)
    assert source.problems == ()


@pytest.mark.parametrize("text", ["1e400", "-1E+400", "1.5e400", "1" * 41])
def test_a_number_beyond_all_use_is_said(parse: Parse, text: str) -> None:
    assert [problem.rule for problem in parse(f'{{"a": {text}}}', "x.json").problems] == ["CFG005"]


def test_pythons_numbers_are_read(parse: Parse) -> None:
    data = parse('{"a": Infinity, "b": -Infinity, "c": NaN}', "x.json").documents[0].data
    assert (data["a"], data["b"], math.isnan(data["c"])) == (math.inf, -math.inf, True)


def test_half_a_character_is_replaced(parse: Parse) -> None:
    assert parse(r'{"a": "x\ud83dy"}', "x.json").documents[0].data == {"a": "x\ufffdy"}


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a": 1,}', {"a": 1}),
        ("{'a': 'b'}", {"a": "b"}),
        ('{"batch": BATCH_SIZE}', {"batch": "BATCH_SIZE"}),
        ('{a: "b"} # c', {"a": "b"}),
    ],
)
def test_what_is_only_yaml_is_read_as_yaml(parse: Parse, text: str, data: object) -> None:
    source = parse(text, "x.json")
    assert ([document.data for document in source.documents], source.problems) == ([data], ())


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_an_empty_file_is_no_document(parse: Parse, text: str) -> None:
    assert parse(text, "x.json").documents == ()


def test_a_file_without_content_is_no_error(parse: Parse) -> None:
    assert parse("", "x.json").problems == ()


@pytest.mark.parametrize(
    ("text", "place", "words", "cure"),
    [
        ('{\n  // c\n  "a": 1}', (2, 3), "no comments", "remove"),
        ('{"a": 1, /* c */ "b": 2}', (1, 10), "no comments", "remove"),
        ('{"a": 1', (1, 7), "ends where", "close"),
        ('{"a" 1}', (1, 6), "`:`", "colon"),
        ('{"a": 1 "b": 2}', (1, 9), "`,`", "comma"),
        ('{"a": [1 2], "b": "\\q"}', (1, 10), "`,`", "comma"),
        ('{"a": "\\q"}', (1, 7), "backslash", "twice"),
        ('{"a": 1}\n{"b": 2}', (2, 1), "end of the file", "one value"),
        ('["a", "\\ud83d\\ude00", ]', (1, 23), "a value", "comma"),
        ('["a"}', (1, 5), "`,`", "bracket"),
        ("}", (1, 1), "a value", "value"),
    ],
)
def test_what_is_neither_is_said_as_json(
    parse: Parse, text: str, place: tuple[int, int], words: str, cure: str
) -> None:
    source = parse(text, "x.json")
    (problem,) = source.problems
    assert (problem.rule, problem.fatal, problem.span[:2]) == ("CFG001", True, place)
    assert problem.message.startswith("not valid JSON")
    assert words in problem.message
    assert cure in problem.help


def test_values_have_places(parse: Parse, at: At) -> None:
    source = parse('{\n "a": {"\\u0062": [1, "x"]}\n}\n', "x.json")
    document = source.documents[0]
    assert at(source, document.span(("a", "b", 1))) == '"x"'
    assert at(source, document.span(("a", "b"), on_key=True)) == '"\\u0062"'
    assert at(source, document.span(("a",))) == '{"\\u0062": [1, "x"]}'
    assert document.span(()) == (1, 1, 3, 2)


def test_a_repeated_key_is_said(parse: Parse) -> None:
    source = parse('{"a": 1, "b": {"a": 2}, "a": 3}', "x.json")
    assert [(p.rule, p.span[:2]) for p in source.problems] == [("CFG004", (1, 25))]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**38), 10**38), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=15,
)


@settings(deadline=None)
@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_any_json_is_read_as_python_reads_it(data: Any, indent: int | str | None, escaped: bool) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=escaped)
    source = read("x.json", text.encode())
    assert [document.data for document in source.documents] == [data]
    assert source.problems == ()


@settings(deadline=None)
@given(st.text(st.sampled_from('[]{}:,"\\/ \n\t01-.eEtruefalsnNI\ud7ff'), max_size=30))
def test_what_is_read_without_a_problem_is_json_or_yaml(text: str) -> None:
    source = read("x.json", text.encode())
    try:
        data = json.loads(text)
    except ValueError:
        return
    if source.problems:
        assert {problem.rule for problem in source.problems} <= {"CFG004", "CFG005"}
    elif data is not None:
        assert repr([document.data for document in source.documents]) == repr([data])
