"""Does a value conform to a schema? A small, quick reader of the keywords that our schemas use.

Answers yes or no and agrees with jsonschema. That one costs as much to import as all the rest of a run, and is asked by
`planner.schema.explain` only where the answer is no. A part of a schema becomes a tuple of checks when it is met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from planner.memo import by_scalar

Node = Any
"""A part of a schema: a mapping, or a boolean. Schemas are our own data; what they hold is checked by their tests."""

Check = Callable[[object], bool]

ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "default"})
"""Keywords that say nothing about a value."""

_checks_of: dict[int, tuple[Node, tuple[Check, ...]]] = {}
"""Checks by the identity of a part, which is kept beside them so that no other can take its identity."""


def conforms(value: object, schema: Node, root: Node | None = None) -> bool:
    """Whether `value` is valid under `schema`, a part of `root` (or all of it), by draft 2020-12."""
    return _holds(value, _checks(schema, schema if root is None else root))


def _holds(value: object, checks: tuple[Check, ...]) -> bool:
    for check in checks:  # noqa: SIM110  a generator would double the time
        if not check(value):
            return False
    return True


def _checks(schema: Node, root: Node) -> tuple[Check, ...]:
    found = _checks_of.get(id(schema))
    if found is not None and found[0] is schema:
        return found[1]
    if schema is True or schema is False:
        return () if schema else (lambda value: False,)
    made = tuple(
        KEYWORDS[keyword](argument, schema, root) for keyword, argument in schema.items() if keyword in KEYWORDS
    )
    _checks_of[id(schema)] = schema, made
    return made


def is_type(value: object, name: str) -> bool:
    """Whether `value` is of the JSON type `name`. 8192.0 is an integer; true and false are no numbers."""
    if name == "integer":
        return (isinstance(value, int) and not isinstance(value, bool)) or (
            isinstance(value, float) and value.is_integer()
        )
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None if name == "null" else isinstance(value, _TYPES[name])


_TYPES: Mapping[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool}


def additional(value: Mapping[str, object], schema: Node) -> list[str]:
    """Keys of `value` that neither `properties` nor `patternProperties` of `schema` speak of."""
    known, patterns = schema.get("properties", ()), schema.get("patternProperties", ())
    return [key for key in value if key not in known and not any(matches(pattern, key) for pattern in patterns)]


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` is found in `text`; of a mere prefix without a regular expression to compile."""
    prefix = pattern.removeprefix("^")
    if prefix != pattern and prefix.replace("-", "").isalnum():
        return text.startswith(prefix)
    return re.search(pattern, text) is not None


def resolve(reference: str, root: Node) -> Node:
    """The part of `root` that a reference such as "#/$defs/count" names."""
    part = root
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def referred(node: Node, root: Node) -> Node:
    """What `node` refers to with a `$ref`, else itself."""
    return resolve(node["$ref"], root) if "$ref" in node else node


def _type(argument: Node, schema: Node, root: Node) -> Check:
    names = (argument,) if isinstance(argument, str) else tuple(argument)
    plain = tuple(_TYPES[name] for name in names if name in _TYPES)
    rest = tuple(name for name in names if name not in _TYPES)
    return lambda value: isinstance(value, plain) or any(is_type(value, name) for name in rest)


def _enum(argument: Node, schema: Node, root: Node) -> Check:
    """Booleans equal no numbers, at the top at least: our enums hold nothing deeper."""
    texts = frozenset(each for each in argument if isinstance(each, str))
    rest = tuple(each for each in argument if not isinstance(each, str))

    def check(value: object) -> bool:
        if isinstance(value, str):
            return value in texts
        return any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in rest)

    return check


def _properties(argument: Node, schema: Node, root: Node) -> Check:
    @by_scalar
    def fits(key: str, entry: object) -> bool:
        return key not in argument or _holds(entry, _checks(argument[key], root))

    def check(value: object) -> bool:
        if not isinstance(value, dict):
            return True
        for key, entry in value.items():  # noqa: SIM110  a generator would double the time
            if not fits(key, entry):
                return False
        return True

    return check


def _pattern_properties(argument: Node, schema: Node, root: Node) -> Check:
    parts = [(pattern, _checks(part, root)) for pattern, part in argument.items()]

    def check(value: object) -> bool:
        entries = value.items() if isinstance(value, dict) else ()
        return all(
            _holds(entry, checks) for key, entry in entries for pattern, checks in parts if matches(pattern, key)
        )

    return check


def _additional_properties(argument: Node, schema: Node, root: Node) -> Check:
    known, checks = schema.get("properties", {}), _checks(argument, root)

    def check(value: object) -> bool:
        if not isinstance(value, dict) or not checks or value.keys() <= known.keys():
            return True
        return all(_holds(value[key], checks) for key in additional(value, schema))

    return check


def _items(argument: Node, schema: Node, root: Node) -> Check:
    checks = _checks(argument, root)
    return lambda value: not isinstance(value, list) or all(_holds(entry, checks) for entry in value)


def _any_of(argument: Node, schema: Node, root: Node) -> Check:
    branches = [_checks(part, root) for part in argument]
    return lambda value: any(_holds(value, checks) for checks in branches)


def _ref(argument: Node, schema: Node, root: Node) -> Check:
    checks = _checks(resolve(argument, root), root)
    return lambda value: _holds(value, checks)


def _pattern(argument: Node, schema: Node, root: Node) -> Check:
    return lambda value: not isinstance(value, str) or matches(argument, value)


def _bound(outside: Callable[[float, float], bool]) -> Callable[[Node, Node, Node], Check]:
    def make(limit: Node, schema: Node, root: Node) -> Check:
        return lambda value: (
            not (isinstance(value, (int, float)) and not isinstance(value, bool) and outside(value, limit))
        )

    return make


def _length(
    kind: type[str] | type[list[object]] | type[dict[str, object]], sign: int
) -> Callable[[Node, Node, Node], Check]:
    def make(limit: Node, schema: Node, root: Node) -> Check:
        return lambda value: not (isinstance(value, kind) and sign * len(value) < sign * limit)

    return make


KEYWORDS: Mapping[str, Callable[[Node, Node, Node], Check]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda argument, schema, root: _enum((argument,), schema, root),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "required": lambda names, schema, root: (
        lambda value: not isinstance(value, dict) or all(name in value for name in names)
    ),
    "items": _items,
    "anyOf": _any_of,
    "$ref": _ref,
    "pattern": _pattern,
    "minimum": _bound(lambda value, limit: value < limit),
    "maximum": _bound(lambda value, limit: value > limit),
    "exclusiveMinimum": _bound(lambda value, limit: value <= limit),
    "minLength": _length(str, 1),
    "maxLength": _length(str, -1),
    "minItems": _length(list, 1),
    "minProperties": _length(dict, 1),
}
