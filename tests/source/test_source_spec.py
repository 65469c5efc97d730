"""What the YAML specification says of small texts of every kind: folding, quotes, anchors, tags, documents."""

from __future__ import annotations

from typing import Any

import pytest

from planner.source import read

VALUES: list[tuple[str, Any]] = [
    ("? a\n: b\n", {"a": "b"}),
    ("? a\n? b\n", {"a": None, "b": None}),
    ("a: &x\nb: *x\n", {"a": None, "b": None}),
    ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", {"a": 1, "b": 1, "c": 2, "d": 2}),
    ("&a a: &b b\n*b : *a\n", {"a": "b", "b": "a"}),
    ("- !!str\n- !!str 12\n- ! 12\n- !!null\n", ["", "12", "12", None]),
    ("a: |\n  b\n   c\n\n  d\n\n", {"a": "b\n c\n\nd\n"}),
    ("a: |-\n  b\n\nc: |+\n  d\n\n", {"a": "b", "c": "d\n\n"}),
    ("a: |2-\n   b\n  c\n", {"a": " b\nc"}),
    ("a: >\n  b\n  c\n\n  d\n    e\n  f\n", {"a": "b c\nd\n  e\nf\n"}),
    ("a: b\n  c\n\n  d\n", {"a": "b c\nd"}),
    ("a: 'b\n  c\n\n  it''s'\n", {"a": "b c\nit's"}),
    ('a: "b \\\n  c\\\n  \\ d"\n', {"a": "b c d"}),
    ('"\\x41\\u263a\\U0001f600\\t\\e\\_\\N"\n', "A☺😀\t\x1b\xa0\x85"),
    ("[a, [b, c,], {d: e, f}, g: h,]\n", ["a", ["b", "c"], {"d": "e", "f": None}, {"g": "h"}]),
    ('{"a":1,"b":[2],? c : d}\n', {"a": 1, "b": [2], "c": "d"}),
    ("{a: b\n c,\n d: e}\n", {"a": "b c", "d": "e"}),
    ("- - a\n  - b\n- c: 1\n  d: 2\n", [["a", "b"], {"c": 1, "d": 2}]),
    ("a:\n- b\n-\n- c\nd:\n", {"a": ["b", None, "c"], "d": None}),
    ("- -a\n- ?b\n- :c\n- a:b\n- a#b\n- a #b\n", ["-a", "?b", ":c", "a:b", "a#b", "a"]),
    ("a:\tb\t#c\n", {"a": "b"}),
    ("a: 'b' # c\n# d\n\n  # e\nf: g\n", {"a": "b", "f": "g"}),
    ("%TAG ! tag:a.b,2000:\n---\n!c d\n", "d"),
    ("a: !<tag:yaml.org,2002:str> 1\n", {"a": "1"}),
    ("a: ~\nb: ''\nc: \"null\"\nd: Null\n", {"a": None, "b": "", "c": "null", "d": None}),
    ("1: a\ntrue: b\n~: c\n", {"1": "a", "true": "b", "~": "c"}),
]
MANY: list[tuple[str, list[Any]]] = [
    ("a\n---\nb\n...\n# c\n---\n...\n", ["a", "b"]),
    ("%YAML 1.1\n--- a\n...\n%YAML 1.1\n--- {b: c}\n", ["a", {"b": "c"}]),
    ("--- # a\n- b\n---\n", [["b"]]),
    ("&a a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
]
REFUSED = [
    "a: b: c\n", "a:\n  - b\n - c\n", "- a\nb: c\n", "a:\n\tb: c\n", "[a, b\n", "'a\n", '"\\q"\n', "@a\n", "a: *b\n",
    "%YAML 1.1\n", "a: [b]]\n", "a: |0\n b\n",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_document(text: str, value: Any) -> None:
    source = read("a.yaml", text.encode())
    assert ([each.data for each in source.documents], source.problems) == ([value], ())


@pytest.mark.parametrize(("text", "values"), MANY)
def test_documents(text: str, values: list[Any]) -> None:
    source = read("a.yaml", text.encode())
    assert ([each.data for each in source.documents], source.problems) == (values, ())


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_is_said(text: str) -> None:
    assert read("a.yaml", text.encode()).problems
