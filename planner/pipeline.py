"""The way through the house for many files: each is checked on its own, what came of them makes one report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planner import disk
from planner.check import Options, check, name_of
from planner.failure import raised
from planner.finding import LEVELS, Finding
from planner.outcome import Outcome, Unchecked, clean
from planner.record import NamedTuple
from planner.settings import BASELINE, SettingsError
from planner.suppression import SETTINGS, used_after_all

if TYPE_CHECKING:
    from planner.discover import Found
    from planner.plan.types import Plan
    from planner.source.document import Source
    from planner.suppression import Silenced

NEVER = "never"
"""The level that no finding reaches."""
__all__ = ["Options", "Report", "Unchecked", "run", "worst"]


class Report(NamedTuple):
    """The outcome of a run. Findings are sorted by file and place."""

    findings: tuple[Finding, ...]
    plans: tuple[Plan, ...]
    """In the order of files and documents, where `Options.plans` asks for them."""
    sources: Mapping[str, Source]
    """By file name: reporters show lines from them."""
    checked: int
    """Configs of which something was checked."""
    not_checked: tuple[Unchecked, ...]
    """Sorted by file and document."""
    skipped: int
    """Files that are not our business."""
    unreadable: tuple[str, ...]
    """Files that could not be read or parsed though they were named."""
    crashes: tuple[tuple[str, Exception], ...] = ()
    """Files on which planner itself failed, and how."""
    fail_on: tuple[tuple[str, str], ...] = ()
    """(file, level) of the files whose settings say at which level a finding fails the run."""
    silenced: tuple[Silenced, ...] = ()
    """Findings that comments or a baseline keep back."""
    looked_at: tuple[str, ...] = ()
    """Files that were found in folders and done with, configs or not."""
    fixed: int = 0
    """Findings that were mended, and are not among these."""
    switched_off: int = 0
    """Findings that the settings want none of."""

    def fails(self, fail_on: str | None = None) -> bool:
        """Whether a finding is at or above `fail_on`: error, warning, info or never.

        Without it each file's settings say what fails, else an error does. Raises ValueError for another word.
        """
        if fail_on not in (None, NEVER, *LEVELS):
            raise ValueError(f"no level is called {fail_on}; there are {', '.join((*LEVELS, NEVER))}")
        stated = dict(self.fail_on)
        return any(_is_at(found.level, fail_on or stated.get(found.file, "error")) for found in self.findings)


Result = Outcome | Exception
"""Of one file: what came of it, or how planner failed on it."""
Progress = Callable[[int], object]
"""Told the number of files that are done."""


def run(files: Iterable[Found], options: Options, progress: Progress | None = None) -> Report:
    """Lint and plan `files`. A file that fails never keeps the others from being checked.

    The report is the same for any number of processes; only one can keep plans.
    Raises `planner.settings.SettingsError` for settings that cannot be used.
    """
    files = tuple(files)
    results = _results(files, options)
    report = _merged(files, _counted(results, progress) if progress else results, options)
    if _has_baseline(options):
        from planner.baseline.run import without_known

        report = without_known(report, options)
    once = {each.finding: each for each in report.silenced if each.by != SETTINGS}
    unwanted = {each.finding for each in report.silenced if each.by == SETTINGS} - once.keys()
    return report._replace(silenced=tuple(once.values()), switched_off=len(unwanted))


def _has_baseline(options: Options) -> bool:
    """Whether there may be one; most runs have none, and are spared the import.

    Only a cache asks here for the settings of files that other processes check.
    """
    if options.baseline is None:
        return False
    unasked = options.jobs > 1 and options.cache is None
    elsewhere = options.settings is not None and (unasked or options.settings.names_a_baseline())
    return bool(options.baseline) or elsewhere or os.path.isfile(BASELINE)


def _results(files: Sequence[Found], options: Options) -> Iterator[Result]:
    """What came of each of `files`, in their order."""
    if options.cache is not None and not options.plans:
        from planner.cache import through

        return through(options.cache, files, options.settings, lambda others: _worked_out(others, options))
    return _worked_out(files, options)


def _worked_out(files: Sequence[Found], options: Options) -> Iterator[Result]:
    if options.jobs > 1 and not options.plans:
        from planner.workers import shared_out

        return shared_out(files, lambda found: result(found, options), options.jobs)
    return (result(found, options) for found in files)


def result(found: Found, options: Options) -> Result:
    """What came of one file; a failure of planner's own is returned, not raised."""
    disk.begin()
    try:
        outcome = check(found, options)
        return outcome._replace(rests_on=_others(found)) if options.cache is not None else outcome
    except SettingsError:
        raise
    except Exception as error:  # one file's misfortune is not the others'
        return error


def _others(found: Found) -> tuple[str, ...] | None:
    """What was looked at besides the file."""
    seen = disk.seen()
    return None if seen is None else tuple(sorted(seen - {found.file}))


def _counted(results: Iterable[Result], progress: Progress) -> Iterator[Result]:
    for number, each in enumerate(results, 1):
        yield each
        progress(number)


def _merged(files: Iterable[Found], results: Iterable[Result], options: Options) -> Report:
    findings: set[Finding] = set()
    plans: list[Plan] = []
    sources: dict[str, Source] = {}
    not_checked: list[Unchecked] = []
    unreadable: list[str] = []
    crashes: list[tuple[str, Exception]] = []
    fail_on: list[tuple[str, str]] = []
    silenced: set[Silenced] = set()
    looked_at: list[str] = []
    parts: set[str] = set()
    checked = skipped = 0
    for found, outcome in zip(files, results, strict=True):
        file = name_of(found, options)
        if isinstance(outcome, Exception):
            crashes.append((file, outcome))
            not_checked.append(Unchecked(file, 0, 1, "file", f"internal error: {type(outcome).__name__}", ""))
            continue
        if outcome.failures:
            crashes += ((file, raised(each)) for each in outcome.failures)
        elif not (found.named or outcome.unreadable):
            looked_at.append(file)
        if outcome.source is None:
            skipped += 1
            continue
        sources[file] = outcome.source
        checked += outcome.checked
        if outcome == clean(outcome.checked):
            continue
        plans += outcome.plans
        findings.update(outcome.findings)
        silenced.update(outcome.silenced)
        parts.update(outcome.parts)
        not_checked += outcome.not_checked
        if outcome.unreadable:
            unreadable.append(file)
        if outcome.fail_on:
            fail_on.append((file, outcome.fail_on))
    return Report(
        tuple(sorted(findings - used_after_all(findings, silenced))),
        tuple(plans),
        sources,
        checked,
        tuple(_alone(sorted(not_checked, key=lambda item: item[:2]), parts)),
        skipped,
        tuple(unreadable),
        tuple(crashes),
        tuple(fail_on),
        tuple(sorted(silenced)),
        tuple(looked_at),
    )


def _alone(items: Iterable[Unchecked], parts: Iterable[str]) -> Iterator[Unchecked]:
    """`items` without the parts of configs that were read together with one of these."""
    read = {os.path.abspath(part) for part in parts}
    return (item for item in items if item.what != "part" or os.path.abspath(item.file) not in read)


def worst(findings: Iterable[Finding]) -> int:
    """The highest rank in `LEVELS` among `findings`; −1 without any."""
    return max((LEVELS.index(finding.level) for finding in findings), default=-1)


def _is_at(level: str, least: str) -> bool:
    return least != NEVER and LEVELS.index(level) >= LEVELS.index(least)
