"""What a format reader is given besides the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Source
    from planner.workload import Hardware, Origin


class Context(NamedTuple):
    """The surroundings of a document."""

    load: Callable[[str], Source | None]
    """Reads another file that the document refers to; never raises."""
    hardware: Hardware | None = None
    """For configs that state none: from a directive, `--hardware` or a profile in the settings."""
    hardware_origin: Origin | None = None
