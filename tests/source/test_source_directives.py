"""Comments that direct."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.source.document import Directives, Source

Parse = Callable[..., Source]
At = Callable[..., str]


@pytest.mark.parametrize(
    "text",
    [
        "a: '# planner: ignore[FIT001]'\n",
        'a: "x # planner: ignore[FIT001]"\n',
        "a: |\n  # planner: ignore[FIT001]\n  x\nb: 1\n",
        "a: >-\n\n  x\n  # planner: ignroe[FIT001]\n",
        "a: 'one\n  # planner: ignore\n  two'\n",
        "? '# planner: ignore'\n: 1\n",
        "a: x#planner:ignore\n",
        "planner: ignore\n",
        "a: 1 # the planner: ignore this\n",
        "a: 1 # planner: see the documentation\n",
        "a: 1 # planner: 3 of these\n",
        "# planner:\n# planner: \na: 1\n",
        '{"a": "# planner: ignore"}',
    ],
)
def test_is_no_directive(parse: Parse, text: str) -> None:
    source = parse(text)
    assert (source.directives, source.problems) == (Directives(), ())


def test_a_json_text_holds_no_directive(parse: Parse) -> None:
    assert parse('{"a": " # planner: ignore[FIT001]"}', "x.json").directives == Directives()


@pytest.mark.parametrize(
    ("comment", "rules", "reason"),
    [
        ("# planner: ignore", (), ""),
        ("# planner: ignore because it is so", (), "because it is so"),
        ("# planner: ignore[FIT001]", ("FIT001",), ""),
        ("# planner: ignore[FIT001] larger card on order", ("FIT001",), "larger card on order"),
        ("#planner:ignore[FIT001,weights-exceed-memory]", ("FIT001", "weights-exceed-memory"), ""),
        ("#  planner:  ignore [ FIT001 , CFG004 ]   both ", ("FIT001", "CFG004"), "both"),
        ("# see above # planner: ignore[FIT001]", ("FIT001",), ""),
    ],
)
def test_at_the_end_of_a_line_it_is_for_that_line(
    parse: Parse, at: At, comment: str, rules: tuple[str, ...], reason: str
) -> None:
    source = parse(f"a: 1\nb: 2  {comment}\nc: 3\n")
    (ignore,) = source.directives.ignores
    assert (ignore.scope, ignore.line, ignore.rules, ignore.reason) == ("line", 2, rules, reason)
    assert at(source, ignore.span).startswith("#")
    assert comment.rstrip().endswith(at(source, ignore.span))
    assert tuple(at(source, span) for span in ignore.rule_spans) == rules
    assert source.problems == ()


@pytest.mark.parametrize(
    ("between", "line"),
    [("", 3), ("\n", 4), ("  # more\n\n   \n", 6), ("---\n", 4), ("--- # x\n", 4), ("# planner: ignore[CFG004]\n", 4)],
)
def test_alone_on_a_line_it_is_for_the_next_key_or_value(parse: Parse, between: str, line: int) -> None:
    source = parse(f"a: 1\n  # planner: ignore[FIT001]\n{between}b: 2\n")
    assert {(ignore.scope, ignore.line) for ignore in source.directives.ignores} == {("next-line", line)}


def test_above_nothing_it_is_for_its_own_line(parse: Parse) -> None:
    source = parse("a: 1\n# planner: ignore[FIT001]\n# planner: ignore[FIT002]")
    assert [ignore.line for ignore in source.directives.ignores] == [2, 3]


@pytest.mark.parametrize(
    "text", ["# planner: ignore-file[TOK001] ours\na: 1\n", "a: 1 # planner: ignore-file[TOK001] ours"]
)
def test_for_a_file_it_may_stand_anywhere(parse: Parse, text: str) -> None:
    (ignore,) = parse(text).directives.ignores
    assert (ignore.scope, ignore.rules, ignore.reason) == ("file", ("TOK001",), "ours")


@pytest.mark.parametrize("header", ["a: | # planner: ignore", "a: >- # planner: ignore", "a: |  # x # planner: ignore"])
def test_it_may_stand_behind_the_header_of_a_block(parse: Parse, header: str) -> None:
    (ignore,) = parse(f"{header}\n  # planner: ignore[FIT001]\n  x\n").directives.ignores
    assert (ignore.line, ignore.rules) == (1, ())


def test_it_may_stand_behind_a_text_that_looks_like_one(parse: Parse) -> None:
    (ignore,) = parse("a: 'x # planner: ignore[CFG004]' # planner: ignore[FIT001]\n").directives.ignores
    assert ignore.rules == ("FIT001",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_end_as_they_do(parse: Parse, end: str) -> None:
    (ignore,) = parse(f"a: 1{end}b: 2 # planner: ignore[FIT001] why{end}c: 3{end}").directives.ignores
    assert (ignore.line, ignore.reason) == (2, "why")


@pytest.mark.parametrize(
    "comment",
    [
        "# planner: ignroe[FIT001]",
        "# planner: ignore[]",
        "# planner: ignore[FIT001",
        "# planner: ignore[FIT 001]",
        "# planner: ignore[FIT001,]",
        "# planner: ignore[*]",
        "# planner: ignore[FIT001]why",
        "# planner: ignore(FIT001)",
        "# planner: ignore: FIT001",
        "# planner: ignore FIT001",
        "# planner: ignore-line[FIT001]",
        "# planner: ignorefile",
        "# planner: disable",
        "# planner: hardware=",
        "# planner: hardware H100",
        "# planner: gpu=H100",
    ],
)
def test_what_cannot_be_understood_is_said(parse: Parse, at: At, comment: str) -> None:
    source = parse(f"a: 1 {comment}\n")
    (problem,) = source.problems
    assert source.directives == Directives()
    assert (problem.rule, problem.fatal) == ("IGN002", False)
    assert at(source, problem.span) == comment
    assert "ignore[RULE]" in problem.help


def test_hardware(parse: Parse, at: At) -> None:
    source = parse("# planner: hardware=H100-80GB:8\na: 1\n---\nb: 1 # planner: hardware = 2 x L4 \n")
    assert [(it.value, it.line, at(source, it.span)) for it in source.directives.hardware] == [
        ("H100-80GB:8", 1, "H100-80GB:8"),
        ("2 x L4", 4, "2 x L4"),
    ]
    assert source.problems == ()


def test_the_schema_of_an_editor(parse: Parse, at: At) -> None:
    source = parse(
        "# yaml-language-server: $schema=./a.json\na: 1\n---\n# yaml-language-server: $schema=b.json\nb: 1\n---\nc: 1\n"
    )
    assert [at(source, it.span) for it in source.directives.schema] == ["./a.json", "b.json"]
    assert [document.schema for document in source.documents] == ["./a.json", "b.json", None]


def test_directives_of_a_broken_file_are_read(parse: Parse) -> None:
    source = parse("a: [ # planner: ignore[FIT001]\n---\nb: 1 # planner: ignore[FIT002]\n")
    assert [ignore.rules for ignore in source.directives.ignores] == [("FIT001",), ("FIT002",)]
