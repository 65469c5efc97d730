"""TOML: values as the standard library reads them, places as they stand in the text."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import source

TEXT = '''\
# comment
max_steps = 20  # steps
name = "a # b"

[model]
name = "Qwen/Qwen3-0.6B"
"odd key" = [1, 2,
  3]
optim.lr = 1e-5
when = 2026-11-25

[[source]]
id = "first"
[source.env]
id = """
two lines"""

[[source]]
id = 'second'
'''


def document(text: str = TEXT) -> source.Document:
    read = source.read("run.toml", text.encode())
    assert read is not None and not read.problems
    return read.documents[0]


def test_values_are_plain() -> None:
    data = document().data
    assert data["max_steps"] == 20
    assert data["model"]["optim"] == {"lr": 1e-5}
    assert data["model"]["when"] == "2026-11-25"
    assert [entry["id"] for entry in data["source"]] == ["first", "second"]


@pytest.mark.parametrize(
    ("path", "line", "written"),
    [
        (("max_steps",), 2, "20"),
        (("name",), 3, '"a # b"'),
        (("model", "name"), 6, '"Qwen/Qwen3-0.6B"'),
        (("model", "odd key"), 7, "[1, 2,\n  3]"),
        (("model", "optim", "lr"), 9, "1e-5"),
        (("source", 0, "id"), 13, '"first"'),
        (("source", 0, "env", "id"), 15, '"""\ntwo lines"""'),
        (("source", 1, "id"), 19, "'second'"),
    ],
)
def test_every_value_has_its_place(path: tuple[str | int, ...], line: int, written: str) -> None:
    assert document().span(path).line == line
    assert document().written(path) == written


def test_a_table_stands_at_its_name() -> None:
    span = document().span(("model",))
    assert (span.line, span.column, span.end_column) == (5, 2, 7)
    assert document().span(("source", 1)).line == 18


def test_a_part_of_an_array_stands_where_the_array_does() -> None:
    assert document().span(("model", "odd key", 2)).line == 7


def test_directives_are_heard_outside_of_strings() -> None:
    read = source.read("a.toml", b'a = "# planner: hardware=L4"\n# planner: hardware=H100-80GB:8\n')
    assert read is not None
    assert [setting.value for setting in read.directives.hardware] == ["H100-80GB:8"]


def test_a_syntax_error_is_told_at_its_place() -> None:
    read = source.read("a.toml", b"a = 1\nb = = 2\n")
    assert read is not None
    (problem,) = read.problems
    assert (problem.rule, problem.span.line, problem.fatal) == ("CFG001", 2, True)
    assert problem.message.startswith("not valid TOML: ")


@pytest.mark.parametrize("text", ["[" * 100_000, "a = " + "[" * 100_000, "a" + ".a" * 500 + " = 1"])
def test_nesting_is_bounded(text: str) -> None:
    read = source.read("a.toml", text.encode())
    assert read is not None
    assert read.documents == () and read.problems


@given(st.text(st.sampled_from("ab.=[]{}\"'#\n\\ 1,-"), max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    read = source.read("a.toml", text.encode())
    assert read is not None
    for found in read.documents:
        for key in found.data:
            found.span((key,)), found.written((key,))


@given(
    st.dictionaries(st.text(st.characters(codec="ascii"), max_size=6), st.integers(-9, 9) | st.booleans(), min_size=1)
)
def test_any_key_is_found_again(values: dict[str, object]) -> None:
    text = "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in values.items())
    if "\\u007f" in text or "\x7f" in text:
        return
    found = document(text)
    for line, (key, value) in enumerate(values.items(), 1):
        assert found.span((key,)).line == line
        assert found.written((key,)) == json.dumps(value)


def test_it_is_found_in_folders(tmp_path: Path) -> None:
    from planner import discover

    (tmp_path / "rl.toml").write_text("a = 1\n")
    assert [found.file for found in discover.find([str(tmp_path)])] == [str(tmp_path / "rl.toml")]


LARGE = {
    "keys": "".join(f"k{i} = 1\n" for i in range(100_000)),
    "tables": "".join(f"[a{i}.b.c]\n" for i in range(50_000)),
    "long names": "".join(f"a{i}{'.b' * 60} = 1\n" for i in range(15_000)),
    "a name of 30,000 parts": f"a{'.a' * 30_000} = 1",
    "a table of 30,000 parts": f"[a{' . a' * 30_000}]",
    "one in quotes": '"a"' + ".'a'" * 30_000 + " = 1",
    "one within a table": "x = {a" + ".a" * 30_000 + " = 1}",
}


@pytest.mark.parametrize("name", LARGE)
def test_what_would_take_long_is_refused(name: str) -> None:
    begin = time.process_time()
    read = source.read("a.toml", LARGE[name].encode())
    assert time.process_time() - begin < 1
    assert [(problem.rule, problem.fatal) for problem in read.problems] == [("CFG003", True)]


@pytest.mark.parametrize("parts", [62, 63, 64, 65, 66])
def test_a_key_may_be_within_as_many_tables_as_all_else(parts: int) -> None:
    read = source.read("a.toml", f"a{'.a' * (parts - 1)} = 1".encode())
    assert [problem.rule for problem in read.problems] == ["CFG003"] * (parts > 64)


def test_points_in_prose_are_no_key() -> None:
    text = 'a = """' + "One. Two, 1.2.3.4, v1.2. " * 500 + "\n" + "." * 200 + '"""\n# ' + "." * 200
    assert source.read("a.toml", text.encode()).problems == ()
