"""What a repository holds, as far as it concerns planner: counted from a report with its plans."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.finding import LEVELS
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.pipeline import Report, Unchecked
    from planner.plan.types import Plan
    from planner.workload import Hardware

MOST = 8
"""Patterns of files without hardware; where there would be more, folders are named higher up."""


class Survey(NamedTuple):
    """What was found. Files are relative to the folder, with `/`."""

    deployments: Mapping[str, int]
    """By engine."""
    trainings: Mapping[str, int]
    """By format."""
    models: int
    """Configs of a model alone."""
    hardware: Mapping[str, tuple[str, ...]]
    """Accelerator as stated → the files that state it."""
    unstated: Mapping[str, int]
    """Pattern of files that state none → how many there are."""
    not_checked: tuple[Unchecked, ...]
    levels: Mapping[str, int]
    """Findings by level, the worst first."""
    files: int
    """That were looked at."""

    @property
    def empty(self) -> bool:
        """Whether there is no config."""
        return not (self.deployments or self.trainings or self.models)


def survey(report: Report, folder: str) -> Survey:
    """What `report`, which has its plans, says of `folder`."""
    deployments: Counter[str] = Counter()
    trainings: Counter[str] = Counter()
    models = 0
    hardware: dict[str, dict[str, None]] = {}
    unstated: dict[str, None] = {}
    for plan in report.plans:
        work = plan.workload
        if work.serving is not None:
            deployments[work.serving.engine.name if work.serving.engine else "no engine stated"] += 1
        elif work.training is not None:
            trainings[work.format] += 1
            if plan.training is None and not any(item.what == "training" for item in plan.not_checked):
                continue
        else:
            models += 1
            continue
        file = _relative(work.document.file, folder)
        stated = _stated(plan)
        if stated:
            hardware.setdefault(stated, {})[file] = None
        else:
            unstated[file] = None
    counts = Counter(finding.level for finding in report.findings)
    return Survey(
        dict(deployments.most_common()),
        dict(trainings.most_common()),
        models,
        {name: tuple(files) for name, files in hardware.items()},
        patterns(list(unstated)),
        report.not_checked,
        {level: counts[level] for level in reversed(LEVELS) if counts[level]},
        len(report.sources) + report.skipped,
    )


def _relative(file: str, folder: str) -> str:
    return os.path.relpath(file, folder).replace(os.sep, "/")


def _stated(plan: Plan) -> str:
    """The accelerators that a config states itself; empty where it names none."""
    work = plan.workload
    sections = (("deployment", work.serving), ("training", work.training))
    for section, found in sections:
        origin = work.origins.get(f"{section}.hardware")
        if found is not None and found.hardware is not None and not (origin and origin.kind == "option"):
            return _called(found.hardware)
    return ""


def _called(hardware: Hardware) -> str:
    if hardware.name is None and hardware.memory is None:
        return ""
    name = hardware.name or f"{hardware.memory or 0:,} bytes"
    return f"{name} × {hardware.count}" if hardware.count else name


def patterns(files: list[str]) -> dict[str, int]:
    """Patterns that match `files`, at most `MOST` where folders can say it, and how many of them each is for.

    The deepest stand first, since the first profile that matches is taken.
    """
    deepest = max((file.count("/") for file in files), default=0)
    found: Counter[str] = Counter()
    for depth in range(deepest, -1, -1):
        found = Counter(_pattern(file, depth) for file in files)
        if len(found) <= MOST:
            break
    if len(found) > MOST:
        return {"**": len(files)}
    return dict(sorted(found.items(), key=lambda each: (-each[0].count("/"), each[0])))


def _pattern(file: str, depth: int) -> str:
    folders = file.split("/")[:-1][:depth]
    return "/".join((*folders, "**")) if folders else file
