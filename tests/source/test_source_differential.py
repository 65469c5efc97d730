"""What is read is what PyYAML reads, but for the scalars that `planner.source.scalars` means to read otherwise."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.source import read
from planner.source.scalars import UnusableError, resolve, tagged

CORE = "tag:yaml.org,2002:"


class Odd(Exception):  # noqa: N818
    """What no config can mean; it is said, and its value is ours to choose."""


def plain(node: yaml.Node | None, above: tuple[int, ...] = ()) -> Any:
    """The value of a node that PyYAML composed, with keys as written and scalars as ours."""
    if node is None:
        return None
    if id(node) in above:
        raise Odd
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        return [plain(item, above) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, above)
    return node.value if node.style else _scalar(node.value)


def _scalar(text: str) -> Any:
    try:
        return resolve(text)
    except UnusableError:
        raise Odd from None


def _mapping(node: yaml.MappingNode, above: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    merged: list[yaml.Node] = []
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise Odd
        if key.tag == f"{CORE}merge":
            merged.append(value)
        else:
            found[key.value] = plain(value, above)
    for source in reversed(merged):
        for mapping in source.value if isinstance(source, yaml.SequenceNode) else [source]:
            if not isinstance(mapping, yaml.MappingNode):
                raise Odd
            for key, value in plain(mapping, above).items():
                found.setdefault(key, value)
    return found


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in theirs)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    return type(ours) is type(theirs) and (ours == theirs or ours != ours)


def compared(text: str) -> bool:
    """Whether PyYAML reads `text`; if so, we read the same."""
    try:
        theirs = [plain(node) for node in yaml.compose_all(text, Loader=yaml.CSafeLoader)]
    except (yaml.YAMLError, Odd):
        return False
    source = read("x.yaml", text.encode())
    assert not [problem for problem in source.problems if problem.fatal], text
    ours = [document.data for document in source.documents]
    assert same([value for value in ours if value is not None], [value for value in theirs if value is not None]), text
    return True


PIECES = [
    "a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", '"', "&a ", "*a", "<<: ", "| ",
    ">-", "#", " # c\n", "---\n", "...\n", "1", "0x1", "1e5", ".5", "~", "yes", "null", "a: ", "c: 1\n", "- x\n",
    "\\n", "é", "\t", "{a: 1}",
]  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_that_pyyaml_reads(text: str) -> None:
    compared(text)


SCALARS = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8) | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=4), st.booleans() | st.none())
def test_any_value_that_pyyaml_writes(value: Any, flow: bool | None) -> None:
    compared(yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True))


MERGES = [
    "<<: *one", "<<: [*one, *two]", "<<: [*two, *one]", "<<: *both", "<<: [*both, *one]", "<<: {size: 9, kind: 8}",
    "<<: [{size: 9}, *one]", "<<: []", "<<: {}", "<<: *one, <<: *two", "<<: *two, kind: 3, <<: *one",
]  # fmt: skip
ANCHORS = "a: &one {size: 1, name: 2}\nb: &two {size: 3, kind: 4}\nc: &both {<<: *one, size: 0, form: 1}\n"


@pytest.mark.parametrize("merge", MERGES)
@pytest.mark.parametrize("inner", ["{}", "{}, size: 5", "size: 5, {}", "name: 6, size: 7, {}"])
def test_merges(merge: str, inner: str) -> None:
    assert compared(f"{ANCHORS}d: {{{inner.format(merge)}}}\n")


def test_of_several_merges_the_last_wins_and_of_a_list_the_first() -> None:
    """As the specification of `<<` has it, and PyYAML up to 6.0.3; later ones tell keys apart by `id`."""
    text = f"{ANCHORS}d: {{<<: *one, <<: *two}}\ne: {{<<: [*one, *two]}}\n"
    data = read("x.yaml", text.encode()).documents[0].data
    assert (data["d"], data["e"]) == ({"size": 3, "kind": 4, "name": 2}, {"size": 1, "name": 2, "kind": 4})


def test_tags_of_the_core_are_heeded() -> None:
    assert tagged("5", f"{CORE}str", True) == yaml.safe_load("!!str 5") == "5"
