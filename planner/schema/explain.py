"""What is wrong with a value that does not conform to a schema: jsonschema finds the places, `wording` says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planner.schema.conform import Node, additional, referred
from planner.schema.wording import INVALID_VALUE, Place, invalid_value, unknown_key
from planner.workload import Problem

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from planner.source.document import Document, Path

MOST = 30
"""Problems of one config that are reported: who has more wrote it for something else."""


def problems(
    value: object,
    schema: Node,
    root: Node | None = None,
    *,
    place: Place | None = None,
    document: Document | None = None,
) -> list[Problem]:
    """What is wrong with `value`, which stands at `place` in `document`, under `schema`, which is `root` or a part."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    place = place or Place()
    whole = schema if root is None or schema is root else {**schema, "$defs": root["$defs"]}
    validator = Draft202012Validator(whole, registry=Registry())
    found: dict[Path, Problem] = {}
    for error in validator.iter_errors(value):
        for problem in _said(error, whole, root or schema, place):
            found.setdefault(problem.path, problem._replace(document=document))
        if len(found) >= MOST:
            break
    return list(found.values())[:MOST]


def _said(error: ValidationError, schema: Node, root: Node, place: Place) -> Iterator[Problem]:
    here = place.below(*error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        for key in additional(error.instance, error.schema):
            yield unknown_key(here.below(key), error.schema, root)
    elif error.validator == "anyOf" and isinstance(error.instance, dict) and (errors := _of_mapping(error, root)):
        for deeper in errors:
            yield from _said(deeper, schema, root, place)
    elif error.validator == "required" and isinstance(error.instance, dict):
        wanted: Sequence[str] = error.validator_value  # type: ignore[assignment]
        missing = [key for key in wanted if key not in error.instance]
        yield Problem(INVALID_VALUE, f"{here.called} lacks `{'`, `'.join(missing)}`", here.path)
    else:
        yield invalid_value(error.instance, here, _described(error.absolute_schema_path, schema))


def _of_mapping(error: ValidationError, root: Node) -> list[ValidationError]:
    """The errors of the alternative that takes a mapping: they say more than that none fits."""
    errors = []
    branches: Sequence[Node] = error.validator_value  # type: ignore[assignment]
    for deeper in error.context or ():
        branch = branches[int(deeper.relative_schema_path[0])]
        if referred(branch, root).get("type") == "object":
            errors.append(deeper)
    return errors


def _described(steps: Iterable[str | int], root: Node) -> Mapping[str, object]:
    """Title, examples and accepted words of what belongs at the end of `steps` through the schema."""
    node, found = root, told(root, root)
    for step in steps:
        if isinstance(node, dict) and step not in node:
            node = referred(node, root)
            if step not in node:
                return {}
        node = node[step]
        if step in ("properties", "items"):
            found = {}
        if isinstance(node, dict) and step != "properties":
            found.update(told(node, root))
    return found


def told(node: Node, root: Node) -> dict[str, object]:
    """What `node` and what it refers to say for people: title, examples and the words that are accepted."""
    found: dict[str, object] = {}
    for part in (referred(node, root), node):
        found.update({key: part[key] for key in ("title", "examples", "enum") if key in part})
    for branch in node.get("anyOf", ()):
        found.update({key: word for key, word in referred(branch, root).items() if key == "enum"})
    return found


def describe(keys: Iterable[str], root: Node) -> Mapping[str, object]:
    """The same by the keys that lead to a value in a config: ("deployment", "context")."""
    return _described((step for key in keys for step in ("properties", key)), root)
