"""What `planner --version` says: the version, how old the data is, and whose code runs besides."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from planner import __version__, plugins

TABLES = os.path.join(os.path.dirname(os.path.dirname(__file__)), "catalog")
_DATE = rb'"date":"([0-9]{4}-[0-9]{2}-[0-9]{2})"'


def lines() -> Iterator[str]:
    """The version alone in the first line, where scripts look for it."""
    yield f"planner {__version__}"
    yield f"data of {as_of()}: models, accelerators, instances, engines"
    packages: dict[str, list[str]] = {}
    for plugin in plugins.found():
        packages.setdefault(plugin.distribution, []).append(f"{plugin.name} ({plugin.group.rpartition('.')[2]})")
    yield from (f"plugin {package}: {', '.join(names)}" for package, names in packages.items())


def as_of() -> str:
    """The date of the newest row in the tables of the catalogue."""
    dates = {date for name in os.listdir(TABLES) if name.endswith(".jsonl") for date in re.findall(_DATE, _read(name))}
    newest: bytes = max(dates)
    return newest.decode()


def _read(name: str) -> bytes:
    with open(os.path.join(TABLES, name), "rb") as file:
        return file.read()
