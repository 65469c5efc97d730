"""Files that were made to hang, to exhaust or to crash a reader. Each is read in a second and said for what it is."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from planner.source import read
from planner.source.document import Source
from planner.source.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_PROBLEMS

Parse = Callable[..., Source]

SIZE = 1 << 18
"""Bytes of a hostile file; what is worse than linear shows."""


def bomb(levels: int, width: int) -> str:
    """Aliases of aliases: width to the power of levels values in a few lines."""
    rows = ["a0: &a0 x"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels + 1)]
    return "\n".join(rows)


def merge_bomb(levels: int, width: int) -> str:
    rows = ["a0: &a0 {k: v}"]
    rows += [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * width)}]}}" for i in range(1, levels + 1)]
    return "\n".join(rows)


HOSTILE = {
    "brackets": "[" * SIZE,
    "braces": "{" * SIZE,
    "brackets in JSON style": '{"a":' * (SIZE // 5),
    "dashes": "- " * (SIZE // 2),
    "question marks": "? " * (SIZE // 2),
    "indented mappings": "".join(" " * i + "a:\n" for i in range(700)),
    "alias bomb": bomb(9, 9),
    "merge bomb": merge_bomb(9, 9),
    "wide merge": "a: &a {"
    + ", ".join(f"k{i}: v" for i in range(1000))
    + "}\nb: {<<: ["
    + ", ".join(["*a"] * 1000)
    + "]}",
    "many items": "- a\n" * SIZE,
    "many items in a line": "[" + "1," * SIZE + "]",
    "many keys": "\n".join(f"k{i}: v" for i in range(MAX_NODES)),
    "many broken documents": "--- [\n" * (SIZE // 6),
    "many tag directives": "%TAG !a! b\n" * (SIZE // 11),
    "many tag directives after another line end": "%TAG !a! b\r" * (SIZE // 11),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_beyond_the_limits(parse: Parse, name: str, suffix: str) -> None:
    begin = time.process_time()
    source = parse(HOSTILE[name], f"config.{suffix}")
    assert time.process_time() - begin < 2
    fatal = [problem for problem in source.problems if problem.fatal]
    assert "CFG003" in {problem.rule for problem in fatal}
    assert len(source.problems) <= MAX_PROBLEMS + len(fatal)


HARMLESS = {
    "empty documents": "---\n" * (SIZE // 4),
    "a line of 250 kB": "a: " + "x" * SIZE,
    "a key of 250 kB": "x" * SIZE + ": a",
    "spaces": "a: 1" + " " * SIZE,
    "empty lines": "\n" * SIZE + "a: 1",
    "comments": "# c\n" * (SIZE // 4) + "a: 1",
    "ten thousand anchors": "\n".join(f"k{i}: &a{i} v" for i in range(10_000)),
    "redefined anchor": "- &a a\n" * (SIZE // 16),
    "merges of nothing": "a:\n" + " <<: {}\n" * (SIZE // 16),
    "directives": "# planner: ignore[FIT001]\n" * (SIZE // 26) + "a: 1",
    "directives in a text": "a: |\n" + "  # planner: ignore[FIT001]\n" * (SIZE // 28),
    "a number-like text": "a: " + "1_" * SIZE + "x",
    "an unclosed quote": "a: '" + "x\n" * (SIZE // 2),
    "repeated key": "a: 1\n" * (SIZE // 8),
    "tags": "- !t\n" * (SIZE // 8),
    "quotes": "'" * (SIZE + 1),
    "backslashes": '"' + "\\" * SIZE,
    "template markers": "{{" + "{% x" * (SIZE // 4),
}


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_within_the_limits(parse: Parse, name: str, suffix: str) -> None:
    begin = time.process_time()
    source = parse(HARMLESS[name], f"config.{suffix}")
    for document in source.documents:
        document.span(())
    assert time.process_time() - begin < 2
    assert "CFG003" not in {problem.rule for problem in source.problems}


@pytest.mark.parametrize("opening", ["[", "{a: ", "{? "])
@pytest.mark.parametrize(("depth", "refused"), [(MAX_DEPTH - 1, False), (MAX_DEPTH, False), (MAX_DEPTH + 1, True)])
def test_depth(parse: Parse, opening: str, depth: int, refused: bool) -> None:
    closing = "]" if opening == "[" else "}"
    source = parse(opening * depth + closing * depth)
    assert ("CFG003" in {problem.rule for problem in source.problems}) == refused


def test_a_document_too_deep_loses_none_of_the_others(parse: Parse) -> None:
    source = parse("a: 1\n---\n" + "[" * 100 + "\n---\nb: 2\n")
    assert [(document.index, document.data) for document in source.documents] == [(0, {"a": 1}), (2, {"b": 2})]
    (problem,) = source.problems
    assert (problem.rule, problem.span[:2]) == ("CFG003", (3, MAX_DEPTH + 1))
    assert str(MAX_DEPTH) in problem.message


@pytest.mark.parametrize(("items", "refused"), [(MAX_NODES - 2, False), (MAX_NODES - 1, False), (MAX_NODES, True)])
def test_nodes(parse: Parse, items: int, refused: bool) -> None:
    source = parse("[" + "1," * items + "]")
    assert [problem.rule for problem in source.problems] == ["CFG003"] * refused
    if refused:
        assert f"{MAX_NODES:,}" in source.problems[0].message


@pytest.mark.parametrize(("uses", "refused"), [(1998, False), (1999, True)])
def test_nodes_behind_an_alias_count_at_each_use(parse: Parse, uses: int, refused: bool) -> None:
    """A list of 99 items is 100 nodes; with the root, two keys and the list of uses 104, and 100 more for each use."""
    text = "a: &a [" + "1," * 99 + "]\nb: [" + "*a," * uses + "]"
    assert [problem.rule for problem in parse(text).problems] == ["CFG003"] * refused


@pytest.mark.parametrize(("size", "rules"), [(MAX_BYTES - 1, []), (MAX_BYTES, []), (MAX_BYTES + 1, ["CFG003"])])
def test_size(size: int, rules: list[str]) -> None:
    source = read("config.yaml", b"a: 1\n#" + b"x" * (size - 6))
    assert [problem.rule for problem in source.problems] == rules
    assert len(source.documents) == 1 - len(rules)


def test_documents_before_the_limit_stay(parse: Parse) -> None:
    source = parse("a: 1\n---\n" + bomb(9, 9))
    assert [document.data for document in source.documents] == [{"a": 1}]


def test_what_an_alias_expands_to_stays_small_enough_to_walk(parse: Parse) -> None:
    (document,) = parse(bomb(4, 9)).documents
    waiting, met = [document.data], 0
    while waiting:
        value = waiting.pop()
        met += 1
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    assert met < MAX_NODES
