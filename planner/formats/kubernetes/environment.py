"""The variables of a container: stated, or from a ConfigMap in the same file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.formats.flags import Variable
from planner.formats.values import word

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.formats.flags import Environment
    from planner.formats.kubernetes.pods import Container
    from planner.source.document import Document, Path


def of(container: Container, document: Document, context: Context) -> Environment:
    """The variables that a container sees. Those from secrets and from other files are not known."""
    found: dict[str, Variable] = {}
    maps = _Maps(document, context)
    for name, values in _whole_maps(container, maps):
        found.update({key: Variable(_text(value)) for key, value in (values or {}).items()} if name else {})
    for values, path in ((container.around, container.around_path), (container.values, container.path)):
        listed = values.get("env") or values.get("envs")
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(item, dict) and isinstance(item.get("name"), str):
                value = _text(item["value"]) if "value" in item else _referred(item.get("valueFrom"), maps)
                found[item["name"]] = Variable(value, (*_env(path, values), index))
    return found


def _env(path: Path, values: Mapping[str, object]) -> Path:
    return (*path, "env" if values.get("env") else "envs")


class _Maps:
    """The ConfigMaps of a file, read when one is asked for."""

    def __init__(self, document: Document, context: Context) -> None:
        self._document = document
        self._context = context
        self._found: dict[str, Mapping[str, object]] | None = None

    def get(self, name: object) -> Mapping[str, object] | None:
        """The values of the ConfigMap `name`."""
        if self._found is None:
            self._found = dict(self._read())
        return self._found.get(str(name))

    def _read(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        source = self._context.load(self._document.file)
        for document in source.documents if source else ():
            data = document.data
            if isinstance(data, dict) and data.get("kind") == "ConfigMap":
                metadata, values = data.get("metadata"), data.get("data")
                if isinstance(metadata, dict) and isinstance(values, dict):
                    yield str(metadata.get("name")), values


def _whole_maps(container: Container, maps: _Maps) -> Iterator[tuple[str, Mapping[str, object] | None]]:
    listed = container.values.get("envFrom")
    for item in listed if isinstance(listed, list) else ():
        reference = item.get("configMapRef") if isinstance(item, dict) else None
        if isinstance(reference, dict):
            yield str(reference.get("name")), maps.get(str(reference.get("name")))


def _referred(source: object, maps: _Maps) -> str | None:
    """The value that `valueFrom` names; None where it cannot be known."""
    reference = source.get("configMapKeyRef") if isinstance(source, dict) else None
    if not isinstance(reference, dict):
        return None
    return _text((maps.get(str(reference.get("name"))) or {}).get(str(reference.get("key"))))


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return word(value) if isinstance(value, (str, int, float)) else None
