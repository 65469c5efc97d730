"""Whatever is in a file, reading it ends with documents and problems."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.source import read
from planner.source.document import Source

NAMES = st.sampled_from(["x.yaml", "x.json", "Modelfile", "x"])
RULES = {"CFG001", "CFG002", "CFG003", "CFG004", "CFG005", "IGN002"}
SEED = """\
# yaml-language-server: $schema=x
# planner: ignore-file[A] b
model: &m {name: "a\\u00e9", size: 7_000, <<: {x: 1e-5}}
list: [*m, !t 'it''s', {{ x }}]   # planner: ignore
text: |-
  a
   b
---
? key
: - 1
  - <<: *m
...
%YAML 1.1
---
!!int 3
"""


def check(source: Source) -> None:
    """What holds for every source."""
    last = len(source.text.splitlines()) + source.text.count("\r") + 1
    for problem in source.problems:
        assert problem.rule in RULES
        assert problem.message
        for span in (problem.span, *(span for span, _ in problem.related)):
            assert 1 <= span.line <= span.end_line <= last
            assert 1 <= span.column <= len(source.line(span.line)) + 2
            assert span[:2] <= span[2:]
    for document in source.documents:
        assert document.span(()).line == document.line
    assert not source.template or any(problem.fatal for problem in source.problems)


@settings(deadline=None, max_examples=300)
@given(NAMES, st.text())
def test_any_text(name: str, text: str) -> None:
    check(read(name, text.encode("utf-8", "surrogatepass")))


@settings(deadline=None, max_examples=300)
@given(NAMES, st.text(st.sampled_from("ab1:-?,[]{}&*!|>'\"%@`#\\<~=. \t\n\r\0\x85\u2028é"), max_size=80))
def test_any_text_of_what_yaml_is_made_of(name: str, text: str) -> None:
    check(read(name, text.encode()))


@settings(deadline=None, max_examples=300)
@given(NAMES, st.binary())
def test_any_bytes(name: str, data: bytes) -> None:
    check(read(name, data))


@settings(deadline=None, max_examples=500)
@given(NAMES, st.data())
def test_any_damage_to_a_config(name: str, data: st.DataObject) -> None:
    text = SEED
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 6)))
        text = text[:start] + data.draw(st.text(st.sampled_from("a1:-?,[]{}&*!|'\"%# \t\n\0"), max_size=3)) + text[end:]
    check(read(name, text.encode()))


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("ab1:-?,[]{}&*!|>'\"# \n"), max_size=40))
def test_what_pyyaml_refuses_to_parse_is_a_syntax_error_and_nothing_else(text: str) -> None:
    source = read("x.yaml", text.encode())
    try:
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass
    except yaml.YAMLError:
        refused = True
    else:
        refused = False
    assert ("CFG001" in {problem.rule for problem in source.problems}) == refused


@settings(deadline=None, max_examples=100)
@given(text=st.text(st.sampled_from("ab:-[]{}'\"\n \\Ux0"), max_size=40))
def test_without_the_c_parser(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.source.yaml_reader._parser", yaml.SafeLoader)
        check(read("x.yaml", text.encode()))


def test_the_seed_of_damage_is_read() -> None:
    source = read("x.yaml", SEED.encode())
    assert len(source.documents) == 3
    assert not [problem for problem in source.problems if problem.fatal]
