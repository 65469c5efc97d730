"""The variables of Compose: those of `.env` beside the file, and those that a container sees."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats.flags import Variable, expand

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.flags import Environment
    from planner.source.document import Document, Path

_LINE = (
    r"""\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*"""
    r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:[^\s#"']\S*(?:[ \t]+[^\s#]\S*)*)?))\s*(?:#.*)?"""
)


class Settings:
    """What Compose itself fills in."""

    def __init__(self, values: Environment | None = None, file: str = "", context: Context | None = None) -> None:
        self.values: Environment = values or {}
        self._file = file
        self._context = context

    @classmethod
    def beside(cls, document: Document, context: Context) -> Settings:
        """Those of the `.env` in the folder of `document`."""
        found = cls({}, document.file, context)
        found.values = dict(found.of_file(".env"))
        return found

    def filled(self, text: str) -> str:
        """`text` with its variables replaced; those that are not known stay."""
        return expand(text, self.values)[0]

    def of_file(self, name: str) -> Iterator[tuple[str, Variable]]:
        """The variables in a file beside the document; what an absolute path holds is of that machine alone."""
        if self._context is None or os.path.isabs(name):
            return
        folder = os.path.dirname(self._file)
        source = self._context.load(os.path.normpath(os.path.join(folder, name)))
        for line in source.text.splitlines() if source else ():
            match = re.fullmatch(_LINE, line) if len(line) < 2_000 else None
            if match:
                yield match[1], Variable(next((part for part in match.groups()[1:] if part is not None), ""))


def variables(service: Mapping[str, object], path: Path, settings: Settings) -> Environment:
    """The variables that the container of a service sees: `environment` wins over `env_file`."""
    found: dict[str, Variable] = {}
    for name in _files(service.get("env_file")):
        found.update(settings.of_file(settings.filled(name)))
    for key, value, place in _stated(service.get("environment"), (*path, "environment")):
        if value is None:
            found[key] = settings.values.get(key, Variable(None, place))
        else:
            text, missing = expand(value, settings.values)
            found[key] = Variable(None if missing else text, place)
    return found


def _files(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = item.get("path") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _stated(value: object, path: Path) -> Iterator[tuple[str, str | None, Path]]:
    """(name, value, place) of each entry of `environment`, a mapping or a list of NAME=value."""
    if isinstance(value, dict):
        for key, each in value.items():
            text = str(each).lower() if isinstance(each, bool) else str(each)
            yield key, None if each is None else text, (*path, key)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str):
            name, equals, text = item.partition("=")
            yield name.strip(), text if equals else None, (*path, index)
