"""What `planner init` found, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.summary import not_checked
from planner.units import plural

if TYPE_CHECKING:
    from planner.init.survey import Survey
    from planner.report.style import Style

SHOWN = 3
"""Files that are named of those with the same hardware."""
MOST = 12
"""Accelerators that are listed, those of most files."""


def render(found: Survey, style: Style) -> Iterator[str]:
    """The lines, of which some have been printed safely already."""
    yield from _kinds(found)
    if found.hardware or found.unstated:
        yield ""
        yield style.paint("strong", "hardware")
    kinds = sorted(found.hardware.items(), key=lambda each: -len(each[1]))
    for name, files in kinds[:MOST]:
        more = f" and {plural(len(files) - SHOWN, 'more file')}" if len(files) > SHOWN else ""
        yield f"  {escape.text(name)}: {', '.join(map(escape.name, files[:SHOWN]))}{more}"
    if len(kinds) > MOST:
        yield f"  and {plural(len(kinds) - MOST, 'other kind')}"
    for pattern, count in found.unstated.items():
        yield f"  none stated: {escape.name(pattern)} ({plural(count, 'config')})"
    if found.not_checked:
        yield ""
        yield from not_checked(found.not_checked, style)
    if found.levels:
        yield ""
        nouns = {"info": "note"}
        levels = ", ".join(plural(count, nouns.get(level, level)) for level, count in found.levels.items())
        yield f"`planner lint` finds {levels} today; `planner baseline` makes them known, so that it reports new ones"


def _kinds(found: Survey) -> Iterator[str]:
    if found.empty:
        yield f"no config of a language model in {plural(found.files, 'file')}"
    if found.deployments:
        yield f"{plural(sum(found.deployments.values()), 'deployment')}: {_counted(found.deployments)}"
    if found.trainings:
        yield f"{plural(sum(found.trainings.values()), 'training config')}: {_counted(found.trainings)}"
    if found.models:
        yield f"{plural(found.models, 'config')} of a model alone"


def _counted(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {escape.text(kind)}" for kind, count in kinds.items())
