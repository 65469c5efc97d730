"""Reads a file: bytes, text, documents, comments that direct. Never raises, whatever is in the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import overload

from planner.source import lines
from planner.source.document import Directives, Document, Source, SourceProblem, Span
from planner.source.encoding import decode
from planner.source.files import Unreadable, read_bytes
from planner.source.limits import MAX_BYTES
from planner.source.tree import Tree

_START = Span(1, 1, 1, 1)
_GLANCE = 1 << 16
"""Bytes of a file beyond the limits that are shown to `wanted`."""


@overload
def read(file: str, data: bytes | None = None, wanted: None = None) -> Source: ...
@overload
def read(file: str, data: bytes | None, wanted: Callable[[str], object] | None) -> Source | None: ...
def read(file: str, data: bytes | None = None, wanted: Callable[[str], object] | None = None) -> Source | None:
    """The documents of `file`, or of `data` under that name, and what is wrong with it.

    `wanted` sees the text first; where it says no, nothing is parsed and None is returned. What cannot be opened is
    told in any case.
    """
    try:
        data = read_bytes(file) if data is None else data
    except Unreadable as reason:
        return _unread(file, f"cannot be read: {reason}", "CFG002")
    if len(data) > MAX_BYTES:
        if wanted is not None and not wanted(data[:_GLANCE].decode("utf-8", "replace")):
            return None
        return _unread(file, f"larger than {MAX_BYTES >> 20} MiB; not read", "CFG003", "split the file, or exclude it")
    text, problem = decode(data)
    if wanted is not None and not wanted(text):
        return None
    return Source(file, text, problems=(problem,)) if problem else _parse(file, text)


def _unread(file: str, message: str, rule: str, cure: str = "") -> Source:
    return Source(file, problems=(SourceProblem(rule, message, _START, cure, fatal=True),))


def _parse(file: str, text: str) -> Source:
    tree = _grow(file, text)
    directives = Directives()
    malformed: tuple[SourceProblem, ...] = ()
    if tree.quoted is not None:
        from planner.source.directives import scan

        directives, malformed = scan(text, tree.quoted)
        _name_schemas(tree, directives)
    problems, template = _templates(text, tree.problems.found)
    return Source(file, text, tuple(tree.documents), (*problems, *malformed), directives, template)


def _grow(file: str, text: str) -> Tree:
    """Parse by the name of the file: JSON strictly first, TOML, a Modelfile not at all, everything else as YAML."""
    name = os.path.basename(file).lower()
    tree = Tree(file, text)
    if name.endswith(".json"):
        return _json(tree)
    if name.endswith(".toml"):
        from planner.source import toml_reader

        toml_reader.parse(tree)
    elif name.endswith(".modelfile") or (name.startswith("modelfile") and not name.endswith((".yaml", ".yml"))):
        tree.documents.append(Document(file, 0, text, text, (-1, -1, 0, len(text))))
    else:
        from planner.source import yaml_reader

        tree = yaml_reader.parse(tree)
    return tree


def _json(tree: Tree) -> Tree:
    """What is no strict JSON may still be YAML (a trailing comma, a placeholder); if not, it is bad JSON."""
    from planner.source import json_reader

    try:
        json_reader.parse(tree)
    except json_reader.JsonError as error:
        from planner.source import yaml_reader

        loose = tree if error.comment else yaml_reader.parse(Tree(tree.file, tree.text))
        if error.comment or any(problem.rule == "CFG001" for problem in loose.problems.found):
            loose.problems.found = [problem for problem in loose.problems.found if problem.rule != "CFG001"]
            loose.problems.add("CFG001", str(error), error.start, error.end, error.cure, fatal=True)
        return loose
    return tree


def _name_schemas(tree: Tree, directives: Directives) -> None:
    """A comment holds for the document in which it stands; above the first `---`, for the first one."""
    from bisect import bisect_right

    begins = [lines.place(tree.text, start)[0] for start in tree.starts]
    for setting in directives.schema:
        i = max(bisect_right(begins, setting.line) - 1, 0)
        if tree.documents and tree.documents[i].schema is None:
            tree.documents[i].schema = setting.value


def _templates(text: str, problems: list[SourceProblem]) -> tuple[list[SourceProblem], bool]:
    """Of a template all syntax errors are one, and no error of its writer."""
    broken = [problem for problem in problems if problem.rule == "CFG001"]
    if not broken:
        return problems, False
    from planner.source.syntax import template_marker

    marker = template_marker(text, (problem.span.line for problem in broken))
    if marker is None:
        return problems, False
    message = "a template: it is YAML only after something else has filled in its `{{ … }}`"
    cure = "lint what it renders to (`helm template`, for example)"
    told = SourceProblem("CFG001", message, Span(*lines.span(text, marker, marker + 2)), cure, fatal=True)
    return [told, *(problem for problem in problems if problem.rule != "CFG001")], True
