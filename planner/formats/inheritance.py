"""Configs that build on others: `defaults:` of Hydra (groups, packages, `_self_`) and of NeMo RL (paths).

Files are merged as OmegaConf does: mappings key by key, everything else as a whole, the config's own values last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from planner import disk
from planner.formats.resolve_model import first_mapping
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

MOST_FILES, DEEPEST, HIGHEST = 40, 12, 8
"""Files of a chain, files through files, and folders above the config in which a search path is tried."""
SELF, OVERRIDE = "_self_", "_override_"


class Layer(NamedTuple):
    """A file that takes part, and the package in which its values stand."""

    document: Document
    package: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    """The section of the file in which they stand."""


class Chain(NamedTuple):
    """What a config says together with all that it builds on."""

    data: Any
    layers: tuple[Layer, ...]
    """Those whose values count first come first."""
    lost: tuple[str, ...] = ()
    """Files that it names and that are not there, as it names them."""
    whose: str = ""
    """Whose default a value of `data` is that stands in none of the layers."""


def chain(document: Document, context: Context) -> Chain:
    """`document` over all that its `defaults` name."""
    if not isinstance(document.data, dict) or "defaults" not in document.data:
        return Chain(document.data, (Layer(document),))
    builder = _Builder(context, document)
    data = builder.merged(Layer(document), os.path.dirname(document.file), 0)
    return Chain(data, tuple(reversed(builder.layers)), tuple(dict.fromkeys(builder.lost)))


class _Builder:
    def __init__(self, context: Context, document: Document) -> None:
        self.layers: list[Layer] = []
        """In the order in which they are merged."""
        self.lost: list[str] = []
        self._context = context
        self._open: list[str] = []
        self._left = MOST_FILES
        self._search = list(_search_path(document))

    def merged(self, layer: Layer, folder: str, depth: int) -> dict[str, Any]:
        """The values of `layer` over those of its own defaults."""
        found: dict[str, Any] = {}
        own = {key: value for key, value in layer.document.data.items() if key not in ("defaults", "hydra")}
        name = os.path.normpath(layer.document.file)
        entries = [*_entries(layer.document.data.get("defaults"))] if depth < DEEPEST and name not in self._open else []
        self._open.append(name)
        for entry in entries if any(entry.name == SELF for entry in entries) else [*entries, _Entry(SELF, ())]:
            if entry.name == SELF:
                self.layers.append(layer)
                found = merge(found, own)
            elif (parent := self._read(entry, folder)) is not None:
                below = Layer(parent, (*layer.package, *entry.package))
                values: Any = self.merged(below, os.path.dirname(parent.file), depth + 1)
                for step in reversed(entry.package):
                    values = {step: values}
                found = merge(found, values)
        self._open.pop()
        return found

    def _read(self, entry: _Entry, folder: str) -> Document | None:
        self._left -= 1
        for start in (folder, *self._search) if self._left >= 0 else ():
            path = os.path.normpath(os.path.join(start, entry.name.lstrip("/") if start != folder else entry.name))
            if disk.is_file(path):
                found, _ = first_mapping(path, self._context.load)
                if found is not None:
                    return found
        self.lost.append(entry.name)
        return None


class _Entry(NamedTuple):
    """A file that a list of defaults names, and the package in which its values belong."""

    name: str
    package: tuple[str, ...]


def _entries(defaults: object) -> Iterator[_Entry]:
    for entry in defaults if isinstance(defaults, list) else [defaults]:
        if isinstance(entry, str):
            yield from _named(entry)
        elif isinstance(entry, dict) and len(entry) == 1:
            (group, option), *_ = entry.items()
            if not group.startswith("override ") and isinstance(option, str):
                yield from _grouped(group.removeprefix("optional "), option)


def _named(entry: str) -> Iterator[_Entry]:
    """`_self_`, a path, or a config of the same group: `ppo_trainer`, `reward_manager@reward_manager`."""
    name, at, package = entry.partition("@")
    if name == SELF or name.endswith((".yaml", ".yml")):
        yield _Entry(name, ())
    elif name and "${" not in name:
        steps = _steps(package) if at else _steps(name.rpartition("/")[0].replace("/", "."))
        yield _Entry(f"{name}.yaml", steps)


def _grouped(group: str, option: str) -> Iterator[_Entry]:
    """An option of a group: `actor@actor_rollout_ref.actor: dp_actor`."""
    folder, at, package = group.partition("@")
    if option not in ("null", "") and "${" not in option:
        steps = _steps(package) if at else _steps(folder.replace("../", "").strip("/").replace("/", "."))
        yield _Entry(f"{folder}/{option.removesuffix('.yaml')}.yaml", steps)


def _steps(package: str) -> tuple[str, ...]:
    return tuple(step for step in package.removeprefix("_global_").strip(".").split(".") if step)


def _search_path(document: Document) -> Iterator[str]:
    """Folders that Hydra looks in besides: relative ones from some folder above the config, where it is launched."""
    hydra = document.data.get("hydra")
    listed = hydra.get("searchpath") if isinstance(hydra, dict) else None
    for entry in listed if isinstance(listed, list) else ():
        folder = str(entry).removeprefix("file://")
        above = os.path.dirname(document.file)
        for _ in range(HIGHEST):
            yield os.path.join(above, folder)
            above = os.path.join(above, os.pardir)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over`; a mapping that says `_override_: true` takes the place of the one in `base`."""
    found = dict(base)
    for key, value in over.items():
        below = found.get(key)
        replaces = isinstance(value, dict) and value.get(OVERRIDE) is True
        found[key] = (
            merge(below, value) if isinstance(value, dict) and isinstance(below, dict) and not replaces else value
        )
    return found
