"""From changes of fields to edits of the text: where the old value stands, and only where it stands there plainly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner import units
from planner.finding import NO_REPAIR, Edit, Repair
from planner.source import lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.rules.registry import Change
    from planner.source.document import Document, Path
    from planner.workload import Workload

_NUMBER = r"[0-9][0-9_,]*(?:(?:\.[0-9]+)?[kKmM])?"
_DIRECT = rf"""(["']?)({_NUMBER})\1"""
"""A value that is a whole number and nothing else, with or without quotes; 12.0 is there for a reason."""
_GAP = r"(?:=|(?:\s|\\(?=\s))+)"
"""Between an option and its value in a command line, which may go on in the next line."""
_SECTIONS = {"deployment": "serving"}


def change(workload: Workload, changes: Iterable[Change], safe: bool) -> Repair:
    """The repair that gives fields other values; none where one of them is not written in the config."""
    edits: list[Edit] = []
    said: list[str] = []
    for field, value in changes:
        edit = _edit(workload, field, value)
        if edit is None:
            return NO_REPAIR
        edits.append(edit)
        said.append(f"{field.rpartition('.')[2]} to {value:,}")
    return Repair(safe, f"set {' and '.join(said)}", tuple(edits))


def rename(document: Document, path: Path, key: str, safe: bool) -> Repair:
    """The repair that calls the last of `path` by the `key` that was meant."""
    mapping = document.data
    for step in path[:-1]:
        mapping = mapping[step]
    place = document.stretch(path, on_key=True)
    if place is None or key in mapping or document.is_shared(path[:-1]):
        return NO_REPAIR
    if isinstance(mapping[path[-1]], dict) and document.file.lower().endswith(".toml"):  # each of its headers names it
        return NO_REPAIR
    start, end = place
    written = document.text[start:end]
    if written[:1] in ("'", '"') and written[-1:] == written[:1]:
        start, end = start + 1, end - 1
    if document.text[start:end] != path[-1]:
        return NO_REPAIR
    return Repair(safe, f"rename {path[-1]} to {key}", (_at(document, start, end, key),))


def _edit(workload: Workload, field: str, value: int) -> Edit | None:
    origin, old = workload.origins.get(field), _value(workload, field)
    if origin is None or origin.kind != "key" or not origin.path or old is None:
        return None
    document = origin.document or workload.document
    found = _number(document, origin.path, origin.note)
    if found is None or units.context(document.text[found[0] : found[1]]) != old:
        return None
    return _at(document, *found, str(value))


def _value(workload: Workload, field: str) -> int | None:
    """The value of a field of the vocabulary, "deployment.context"."""
    section, _, name = field.partition(".")
    value = getattr(getattr(workload, _SECTIONS.get(section, section)), name, None)
    return value if isinstance(value, int) else None


def _number(document: Document, path: Path, flag: str) -> tuple[int, int] | None:
    """Offsets of the number at `path`, or behind `flag` in the command line there; None where that is not sure."""
    place = document.stretch(path)
    if place is None or document.is_shared(path):
        return None
    start, written = place[0], document.text[place[0] : place[1]]
    found = re.fullmatch(_DIRECT, written)
    if found is not None:
        return start + found.start(2), start + found.end(2)
    named = list(re.finditer(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", written)) if flag else []
    if len(named) != 1:
        return None
    found = re.compile(rf"""{_GAP}(\\?["']|)({_NUMBER})(?![\w.,$-])""").match(written, named[0].end())
    return (start + found.start(2), start + found.end(2)) if found else None


def _at(document: Document, start: int, end: int, text: str) -> Edit:
    return Edit(document.file, *lines.span(document.text, start, end), text)
