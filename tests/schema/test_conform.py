"""Conforming is what jsonschema calls valid."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from planner import schema
from planner.schema.conform import conforms

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**20), st.floats(), st.text(max_size=8),
    st.sampled_from(["", "7B", "8192", "0", "-1", "24GB", "24", "auto", "bf16", "x" * 200]),
    st.builds(list), st.builds(dict), st.builds(lambda: [1]), st.builds(lambda: {"a": 1}),
)  # fmt: skip


def valid(node: Any, root: Any) -> st.SearchStrategy[Any]:
    """Values for `node`, a part of `root`; nearly all of them conform."""
    if node is True:
        return JUNK
    if "$ref" in node:
        part = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            part = part[step]
        return valid(part, root)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    if "const" in node:
        return st.just(node["const"])
    if "anyOf" in node and "type" not in node:
        return st.one_of(*(valid(part, root) for part in node["anyOf"]))
    kinds = node.get("type", "string")
    return st.one_of(*(_of_type(kind, node, root) for kind in ([kinds] if isinstance(kinds, str) else kinds)))


def _of_type(kind: str, node: Any, root: Any) -> st.SearchStrategy[Any]:
    if kind == "object":
        return _mapping(node, root)
    if kind == "array":
        return st.lists(valid(node.get("items", True), root), min_size=node.get("minItems", 0), max_size=3)
    if kind == "string":
        texts = st.text(min_size=node.get("minLength", 0), max_size=12)
        return st.from_regex(node["pattern"], fullmatch=True) if "pattern" in node else texts
    if kind == "integer":
        whole = st.integers(node.get("minimum", 0), 10**15)
        return st.one_of(whole, whole.map(float))
    if kind == "number":
        return st.floats(node.get("minimum", node.get("exclusiveMinimum", 0)), node.get("maximum", 1e6))
    return {"boolean": st.booleans(), "null": st.none()}[kind]


def _mapping(node: Any, root: Any) -> st.SearchStrategy[Any]:
    properties = node.get("properties", {})
    required = {key: valid(properties[key], root) for key in node.get("required", ())}
    optional = {key: valid(part, root) for key, part in properties.items() if key not in required}
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def mutated(draw: st.DrawFn, node: Any, root: Any) -> Any:
    """A conforming value with something changed, added or taken away somewhere in it."""
    value = copy.deepcopy(draw(valid(node, root)))
    for _ in range(draw(st.integers(1, 3))):
        places = [(holder, key) for holder in _holders(value) for key in _keys(holder)]
        if not places:
            return draw(JUNK)
        holder, key = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            holder[key] = draw(JUNK)
        elif change == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from([f"{key}s", "x-more", "", "name", "type"]))] = draw(JUNK)
        else:
            holder.append(draw(JUNK))
    return value


def _holders(value: Any) -> list[Any]:
    found, queue = [], [value]
    while queue:
        one = queue.pop()
        if isinstance(one, (dict, list)):
            found.append(one)
            queue += list(one.values()) if isinstance(one, dict) else one
    return found


def _keys(holder: Any) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))


NAMES = schema.names()
ANY = st.sampled_from(NAMES).map(schema.load)


def agrees(value: object, part: Any) -> None:
    assert conforms(value, part) == Draft202012Validator(part).is_valid(value)


@given(ANY.flatmap(lambda part: st.tuples(valid(part, part), st.just(part))))
@settings(max_examples=100, deadline=None)
def test_it_agrees_with_jsonschema_on_what_is_written_by_the_schema(case: tuple[object, Any]) -> None:
    agrees(*case)


@given(ANY.flatmap(lambda part: st.tuples(mutated(part, part), st.just(part))))
@settings(max_examples=200, deadline=None)
def test_it_agrees_with_jsonschema_on_what_was_changed_since(case: tuple[object, Any]) -> None:
    agrees(*case)


@given(JUNK, ANY)
@settings(max_examples=50, deadline=None)
def test_it_agrees_with_jsonschema_on_anything_at_all(value: object, part: Any) -> None:
    agrees(value, part)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        pytest.param(True, {"type": "integer"}, id="true is no integer"),
        pytest.param(True, {"type": ["number", "null"]}, id="true is no number"),
        pytest.param(True, {"enum": [1, "a"]}, id="true is not 1"),
        pytest.param(0, {"enum": [False]}, id="0 is not false"),
        pytest.param(1, {"const": True}, id="1 is not true"),
        pytest.param(8192.5, {"type": "integer"}, id="a fraction is no integer"),
        pytest.param(math.inf, {"type": "integer"}, id="infinity is no integer"),
        pytest.param(0, {"minimum": 1}, id="below a minimum"),
        pytest.param(0, {"exclusiveMinimum": 0}, id="at an exclusive minimum"),
        pytest.param(1.5, {"maximum": 1}, id="above a maximum"),
        pytest.param("", {"minLength": 1}, id="a string that is too short"),
        pytest.param("ab", {"maxLength": 1}, id="a string that is too long"),
        pytest.param([], {"minItems": 1}, id="a list without items"),
        pytest.param({}, {"minProperties": 1}, id="a mapping without keys"),
        pytest.param({}, {"required": ["a"]}, id="a missing key"),
        pytest.param({"b": 1}, {"properties": {"a": True}, "additionalProperties": False}, id="an unknown key"),
        pytest.param({"b": 1}, {"additionalProperties": {"type": "string"}}, id="a wrong value under any key"),
        pytest.param(
            {"x-a": 1}, {"patternProperties": {"^x-": {"type": "string"}}}, id="a wrong value under a pattern"
        ),
        pytest.param([1, "a"], {"items": {"type": "integer"}}, id="a wrong item"),
        pytest.param("a", {"pattern": "^[0-9]+$"}, id="text of another pattern"),
        pytest.param(2, {"anyOf": [{"type": "string"}, {"maximum": 1}]}, id="none of several"),
        pytest.param("a", {"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}, id="what is referred to"),
        pytest.param(None, {"type": ["string", "object"]}, id="null where it is not said"),
        pytest.param({"a": 1}, {"properties": {"a": False}}, id="a key that must not be"),
    ],
)
def test_it_refuses(value: object, part: Any) -> None:
    agrees(value, part)
    assert not conforms(value, part)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        pytest.param(8192.0, {"type": "integer"}, id="an integral float is an integer"),
        pytest.param("x", {"minimum": 1, "minItems": 1, "required": ["a"]}, id="keywords of other types do not count"),
        pytest.param(
            {"x-a": 1}, {"patternProperties": {"^x-": True}, "additionalProperties": False}, id="keys by pattern"
        ),
        pytest.param(1.0, {"enum": [1]}, id="1.0 is 1"),
        pytest.param([[]], True, id="anything under true"),
    ],
)
def test_it_accepts(value: object, part: Any) -> None:
    agrees(value, part)
    assert conforms(value, part)
