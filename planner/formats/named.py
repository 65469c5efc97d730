"""Files that a training config names: they lie where a run is started, which is the config's folder or one above it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner import disk

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document

HIGHEST = 6
"""Folders above a config in which the files that it names are looked for."""


def documents(name: str, beside: str, context: Context) -> Iterator[Document]:
    """Those of the files called `name`, the nearest to the file `beside` first."""
    for path in _places(name, beside):
        source = context.load(path) if disk.is_file(path) else None
        yield from source.documents if source else ()


def _places(name: str, beside: str) -> Iterator[str]:
    """Where a file called `name` can lie: as it is, or below a folder that `beside` is in."""
    if os.path.isabs(name):
        yield name
        return
    folder = os.path.dirname(beside) or "."
    for _ in range(HIGHEST):
        yield os.path.normpath(os.path.join(folder, name))
        if disk.exists(os.path.join(folder, ".git")) or os.path.abspath(folder) == os.path.sep:
            return
        folder = os.path.join(folder, "..")
