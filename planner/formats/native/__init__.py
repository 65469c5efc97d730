"""planner's own config (schemas/config.schema.json): `model`, `deployment` and `training` in its vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats.native.reader import read_config
from planner.formats.native.recognition import recognise

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import Workload

__all__ = ["read", "recognise"]


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one workload that a native config is."""
    yield read_config(document, context)
