"""What a run reports where a baseline holds: the findings that are new, and the entries that are stale."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner import baseline as of_file
from planner.settings import BASELINE, DEFAULT
from planner.suppression import SETTINGS

if TYPE_CHECKING:
    from planner.baseline import Baseline
    from planner.check import Options
    from planner.finding import Finding
    from planner.pipeline import Report
    from planner.settings import Settings


def path_for(file: str, options: Options) -> str | None:
    """The baseline that counts the known findings of `file`: as asked, as its settings say, or by its name here."""
    stated = options.baseline or _settings(file, options).baseline
    return stated or (BASELINE if os.path.isfile(BASELINE) else None)


def _settings(file: str, options: Options) -> Settings:
    return options.settings.of(file) if options.settings else DEFAULT


def without_known(report: Report, options: Options) -> Report:
    """`report` without what baselines know of. Raises SettingsError for a baseline that cannot be used."""
    paths = {path for file in _files(report) if (path := path_for(file, options))}
    if options.baseline:
        paths.add(options.baseline)
    for path in sorted(paths):
        report = _compared(report, of_file.read(path), options)
    return report


def _files(report: Report) -> set[str]:
    return {*report.looked_at, *(finding.file for finding in report.findings)}


def _compared(report: Report, known: Baseline, options: Options) -> Report:
    from planner.settings.choice import at_level

    here = [finding for finding in report.findings if path_for(finding.file, options) == known.path]
    new, silenced = of_file.excess(here, known)
    stale = [
        found
        for finding in _stale(report, here, known)
        if (found := at_level(finding, _settings(known.path, options))) is not None
    ]
    others = [finding for finding in report.findings if path_for(finding.file, options) != known.path]
    sources = {**report.sources, known.path: known.source} if stale else report.sources
    return report._replace(
        findings=tuple(sorted({*others, *new, *stale})),
        silenced=tuple(sorted({*report.silenced, *silenced})),
        sources=sources,
    )


def _stale(report: Report, here: list[Finding], known: Baseline) -> list[Finding]:
    """Of a run over folders alone: what files take from others is not known of a few of them."""
    if not report.looked_at:
        return []
    unwanted = (each.finding for each in report.silenced if each.by == SETTINGS)
    return list(of_file.stale(known, of_file.counted({*here, *unwanted}, known.path), report.looked_at))


def recorded(report: Report, options: Options) -> Mapping[str, Mapping[of_file.Key, int]]:
    """By path, the counts of the baselines that know all of `report`; entries of files it does not speak of stay."""
    by_path: dict[str, list[Finding]] = {}
    for file in _files(report):
        by_path.setdefault(path_for(file, options) or BASELINE, [])
    for finding in report.findings:
        by_path[path_for(finding.file, options) or BASELINE].append(finding)
    return {path: {**_kept(path, report), **of_file.counted(found, path)} for path, found in sorted(by_path.items())}


def _kept(path: str, report: Report) -> dict[of_file.Key, int]:
    """Entries of the baseline at `path` for files that exist and were not looked at."""
    if not os.path.lexists(path):
        return {}
    folder = os.path.dirname(os.path.abspath(path))
    seen = {of_file.called(file, path) for file in (*_files(report), *report.sources)}
    return {
        of: number
        for of, number in of_file.read(path).counts.items()
        if of[0] not in seen and os.path.lexists(os.path.join(folder, of[0]))
    }
