"""The way through the house: files → documents → workloads → plans → findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.plan.types import Plan
    from planner.source.document import Source
    from planner.workload import Hardware


class Options(NamedTuple):
    """What the command line and the settings ask for."""

    hardware: Hardware | None = None
    """For configs that state none."""
    explicit: bool = True
    """The files were named: one that cannot be read is an error, not a skip."""


class Unchecked(NamedTuple):
    """A config, or a part of one, that was not checked, and why."""

    file: str
    document: int
    line: int
    what: str
    because: str
    mend: str


class Report(NamedTuple):
    """The outcome of a run. Findings are sorted by file and place."""

    findings: tuple[Finding, ...]
    plans: tuple[Plan, ...]
    """In the order of files and documents."""
    sources: Mapping[str, Source]
    """By file name, of every file with a finding or a plan: reporters show lines from them."""
    checked: int
    """Configs of which something was checked."""
    not_checked: tuple[Unchecked, ...]
    skipped: int
    """Files that are not our business."""
    unreadable: tuple[str, ...]
    """Files that could not be read or parsed though they were named."""


def run(files: Iterable[str], options: Options) -> Report:
    """Lint and plan `files`."""
    raise NotImplementedError
