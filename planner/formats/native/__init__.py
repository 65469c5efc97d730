"""planner's own config (schemas/config.schema.json): `model`, `deployment` and `training` in its vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats.native import recognition
from planner.formats.native.reader import read_config

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Document
    from planner.workload import Workload


def recognise(document: Document) -> bool:
    """Whether `document` is a native config, or would be one but for a section that is none."""
    return recognition.recognise(document) or bool(recognition.misshapen(document))


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one workload that a native config is."""
    lost = recognition.misshapen(document)
    if not lost or recognition.recognise(document):
        yield read_config(document, context)
        return
    from planner.formats.misshapen import unread

    yield unread(document, "native", "config", lost)
