"""TOML: values from the standard library's parser, places from a scan of the headers and keys of the valid text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from planner.source import lines
from planner.source.document import BLOCK, Document, Place
from planner.source.limits import MAX_DEPTH, MAX_NODES, MAX_TOML_MARKS
from planner.source.tree import Tree

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_NAME = re.compile(_PART)
_KEYS = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_LINE = re.compile(rf"\s*(?:#[^\n]*|\[(?P<list>\[)?[ \t]*(?P<header>{_KEYS})[ \t]*\]\]?|(?P<key>{_KEYS})[ \t]*=[ \t]*)")
_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[\[{]|[\]}]|\r?\n|[^"'#\[\]{}\r\n]+|\r''',
    re.DOTALL,
)
_CHAIN = rf"(?<![\w-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{{MAX_DEPTH}}}"
_WHERE = r" \(at (?:line (\d+), column (\d+)|end of document)\)"


def parse(tree: Tree) -> None:
    """Read the one document of the tree's text into it; what is no TOML, or too much of it, is a problem."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    if not _is_worth_parsing(tree):
        return None
    try:
        data: dict[str, Any] = tomllib.loads(tree.text)
    except (ValueError, RecursionError) as error:
        return _refuse(tree, error)
    if not _within_limits(tree, data):
        return None
    document = Document(tree.file, 0, data, tree.text, (-1, -1, 0, BLOCK), _Places(tree, data).found)
    if data:
        tree.documents.append(document)
        tree.starts.append(0)
    return None


def has_many_marks(text: str) -> bool:
    """Whether there are more keys and containers than the parser gets through in time."""
    return sum(map(text.count, ".=[")) > MAX_TOML_MARKS


def deep_key(text: str) -> int | None:
    """Where a key within more tables than are read begins: the parser takes time with the square of them."""
    chain = re.search(_CHAIN, text) if text.count(".") >= MAX_DEPTH else None
    return chain.start() if chain is not None else None


def _is_worth_parsing(tree: Tree) -> bool:
    """Whether the parser gets through the text in time; if not, that is told."""
    text = tree.text
    if has_many_marks(text):
        message = f"more than {MAX_TOML_MARKS:,} points, equals signs and brackets; the file is not read"
        tree.problems.add("CFG003", message, 0, 1, "split the file, or exclude it", fatal=True)
        return False
    deep = deep_key(text)
    if deep is not None:
        tree.problems.too_deep(deep)
    return deep is None


def _refuse(tree: Tree, error: Exception) -> None:
    said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    where = re.search(_WHERE, said)
    start = max(len(tree.text.rstrip()) - 1, 0)
    if where and where[1]:
        starts = lines.starts(tree.text)
        start = min(starts[min(int(where[1]), len(starts)) - 1] + int(where[2]) - 1, len(tree.text))
    message = re.sub(_WHERE, "", said)
    tree.problems.add("CFG001", f"not valid TOML: {message[:1].lower()}{message[1:]}", start, start + 1, fatal=True)


def _within_limits(tree: Tree, data: dict[str, Any]) -> bool:
    """Whether `data` is as small and flat as other documents may be. Dates in it become text."""
    level: list[Any] = [data]
    nodes = 0
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for container in level:
            entries = list(container.items() if isinstance(container, dict) else enumerate(container))
            nodes += len(entries)
            for key, value in entries:
                if isinstance(value, (dict, list)):
                    below.append(value)
                elif not isinstance(value, (str, int, float)):
                    container[key] = value.isoformat()
        if nodes > MAX_NODES:
            tree.problems.too_many(0)
            return False
        level = below
    if level:
        tree.problems.too_deep(0)
    return not level


class _Places:
    """The places of tables, keys and values in `data`. Items of arrays stand where their array does."""

    def __init__(self, tree: Tree, data: dict[str, Any]) -> None:
        self.found: dict[int, Any] = {}
        self._text, self._quoted, self._data = tree.text, tree.quoted, data
        self._seen: dict[int, int] = {}
        """Tables of each array that were met so far."""
        table: Any = data
        at = 0
        while (line := _LINE.match(self._text, at)) is not None:
            at = line.end()
            if line["header"]:
                table = self._header(line)
            elif line["key"]:
                end = at = self._end(at)
                self._key(table, list(self._names(line, "key")), line.end(), end)

    def _names(self, line: re.Match[str], group: str) -> Iterator[tuple[str, int, int]]:
        for part in _NAME.finditer(self._text, line.start(group), line.end(group)):
            name = part[0]
            if name[0] == '"' and "\\" in name:
                from json import loads

                name = f'"{loads(name)}"' if re.fullmatch(r'"(?:[^\\]|\\["\\/bfnrtu])*"', name) else name
            yield (name[1:-1] if name[0] in "\"'" else name), part.start(), part.end()

    def _header(self, line: re.Match[str]) -> Any:
        """The table that a header opens."""
        table: Any = self._data
        names = list(self._names(line, "header"))
        for i, (name, start, end) in enumerate(names):
            if not isinstance(table, dict) or name not in table:
                return {}
            self.found.setdefault(id(table), {}).setdefault(name, (start, end, start, BLOCK))
            table = table[name]
            if isinstance(table, list):
                new = bool(line["list"]) and i + 1 == len(names)
                table = self._item(table, new, (-1, -1, start, BLOCK))
        return table

    def _item(self, array: list[Any], new: bool, place: Place) -> Any:
        """The table of an array of tables that is meant: the next one, or the last one that was begun."""
        index = self._seen.get(id(array), -1) + new
        self._seen[id(array)] = index
        if new:
            self.found.setdefault(id(array), []).append(place)
        return array[index] if 0 <= index < len(array) else {}

    def _key(self, table: Any, names: list[tuple[str, int, int]], start: int, end: int) -> None:
        for i, (name, key_start, key_end) in enumerate(names):
            if not isinstance(table, dict):
                return
            value = (start, end) if i + 1 == len(names) else (key_start, BLOCK)
            self.found.setdefault(id(table), {}).setdefault(name, (key_start, key_end, *value))
            table = table.get(name)

    def _end(self, at: int) -> int:
        """Where the value that begins at `at` ends; text in quotes on the way is no place for directives."""
        depth, end = 0, at
        while (token := _TOKEN.match(self._text, at)) is not None:
            first = token[0][0]
            if first in "\r\n#" and not depth:
                break
            at = token.end()
            if first in "\"'" and self._quoted is not None:
                self._quoted.append(token.span())
            depth += (first in "[{") - (first in "]}")
            end = at if first not in "\r\n#" else end
        return len(self._text[:end].rstrip()) if end else end
