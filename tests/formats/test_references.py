"""References between the values of a config."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.formats.references import Open, References

DATA = {
    "variables": {"length": 2048, "again": "${variables.length}"},
    "top": "${variables.length}",
    "through": "${variables.again}",
    "model": {"hidden": 5120, "width": "${multiply:4, ${.hidden}}", "up": "${..top}", "beside": "${.hidden}"},
    "package": "${training.model.hidden}",
    "loop": "${loop}",
    "elsewhere": "${oc.env:HOME}",
    "nowhere": "${model.heads}",
    "given": "???",
    "name": "run-${top}-a",
    "whole": "${model}",
    "tokens": "${mul:${top}, ${.size}}",
    "size": 4,
    "set": "${oc.env:LENGTH,4096}",
    "chosen": "${oc.select:model.hidden,1}",
    "unset": "${oc.select:model.heads, false}",
    "nested": "${oc.select:model.heads,${top}}",
    "sum": "${add:1,2}",
    "empty": "${mul:}",
    "none": "${oc.select:}",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("top", 2048),
        ("through", 2048),
        ("model.width", 20480),
        ("model.up", 2048),
        ("model.beside", 5120),
        ("package", 5120),
        ("name", "run-${top}-a"),
        ("whole.hidden", 5120),
        ("loop", Open("${loop}")),
        ("elsewhere", Open("${oc.env:HOME}")),
        ("nowhere", Open("${model.heads}")),
        ("given", Open("???")),
        ("tokens", 8192),
        ("set", 4096),
        ("chosen", 5120),
        ("unset", False),
        ("nested", 2048),
        ("sum", Open("${add:1,2}")),
        ("empty", Open("${mul:}")),
        ("none", Open("${oc.select:}")),
    ],
    ids=[
        "another value", "a reference to a reference", "NeMo's multiply", "two levels up", "a neighbour",
        "the package of the file comes first", "a text with a reference in it stays", "below a reference",
        "a circle is open", "an environment variable is open", "a reference to nothing is open",
        "a value for the command line is open",
        "a product of references", "the default of an environment variable", "a value that is selected",
        "the default of one that is not there", "a reference as the default", "any other resolver is open",
        "a product of nothing", "a selection of nothing",
    ],
)  # fmt: skip
def test_a_reference_is_followed_as_far_as_the_file_goes(path: str, expected: object) -> None:
    found = References(DATA).at(path)
    assert found is not None
    assert found.value == expected


def test_what_is_not_stated_is_none() -> None:
    assert References(DATA).at("model.heads") is None
    assert References([1]).at("model") is None


def test_keys_are_found_in_any_spelling() -> None:
    found = References({"num-layers": 6}, lambda key: key.replace("-", "_")).at("num_layers")
    assert found == (6, ("num-layers",))


KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.one_of(
    st.integers(), st.sampled_from(["${a}", "${.b}", "${..c}", "${a.b.c}", "${multiply:${a},${b},${c}}", "${", "???"])
)
TREES = st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=12)


@given(TREES)
def test_no_web_of_references_holds_it_up(tree: Any) -> None:
    found = References(tree).at("a.b.c")
    assert found is None or len(found.path) == 3
