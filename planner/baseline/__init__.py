"""Known findings, counted by file, rule and field in a file that a team keeps: what is reported came on top of them.

Counts survive what moves lines; a finding that is gone is said once, so that the file only ever gets shorter.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from planner.record import NamedTuple
from planner.settings import SettingsError
from planner.suppression import BASELINE, UNSILENCEABLE, Silenced

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.source.document import Source

Key = tuple[str, str, str]
"""File as the baseline calls it, rule, field."""


class Baseline(NamedTuple):
    """Counts of known findings, and the file that states them."""

    path: str
    counts: Mapping[Key, int]
    source: Source


def key(finding: Finding, path: str) -> Key:
    """What `finding` is counted by in the baseline at `path`."""
    return called(finding.file, path), finding.rule, finding.field


def called(file: str, path: str) -> str:
    """`file` relative to the folder of the baseline at `path`, with "/"."""
    file = os.path.abspath(file)
    with suppress(ValueError):  # another drive
        file = os.path.relpath(file, os.path.dirname(os.path.abspath(path)))
    return file.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()


def counted(findings: Iterable[Finding], path: str) -> Counter[Key]:
    """The counts of those of `findings` that a baseline may hold."""
    return Counter(key(finding, path) for finding in findings if finding.rule not in UNSILENCEABLE)


def read(path: str) -> Baseline:
    """The baseline at `path`. Raises SettingsError for a file that is missing or none."""
    from planner import source as reader
    from planner.schema import load
    from planner.schema.conform import conforms

    source = reader.read(path)
    fatal = [problem.message for problem in source.problems if problem.fatal] if source else []
    if source is None or fatal or len(source.documents) != 1:
        raise SettingsError(f"{path}: {fatal[0] if fatal else 'no baseline'}\n`planner baseline` writes one")
    data: Any = source.documents[0].data
    if not conforms(data, load("baseline")):
        from planner.schema.explain import problems

        found = (problem.message.replace("the config", "the file") for problem in problems(data, load("baseline")))
        raise SettingsError("\n".join(f"{path}: {message}" for message in found))
    return Baseline(path, _flat(data["findings"]), source)


def _flat(files: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[Key, int]:
    return {
        (file, rule, field): int(number)
        for file, rules in files.items()
        for rule, fields in rules.items()
        for field, number in fields.items()
    }


def excess(findings: Iterable[Finding], baseline: Baseline) -> tuple[list[Finding], list[Silenced]]:
    """Those of `findings` that are more than `baseline` counts, in their order; and the known ones."""
    left = Counter(baseline.counts)
    new: list[Finding] = []
    known: list[Silenced] = []
    for finding in findings:
        of = key(finding, baseline.path)
        if finding.rule in UNSILENCEABLE or left[of] <= 0:
            new.append(finding)
        else:
            left[of] -= 1
            known.append(Silenced(finding, BASELINE))
    return new, known


def stale(baseline: Baseline, there: Mapping[Key, int], looked_at: Iterable[str]) -> Iterator[Finding]:
    """A finding for each count of `baseline` above what is `there`, in files that were `looked_at` or are gone."""
    seen = {called(file, baseline.path) for file in looked_at}
    folder = os.path.dirname(os.path.abspath(baseline.path))
    for of, number in baseline.counts.items():
        gone = number - there.get(of, 0)
        if gone > 0 and (of[0] in seen or not os.path.lexists(os.path.join(folder, of[0]))):
            yield _stale(baseline, of, number, gone)


def _stale(baseline: Baseline, of: Key, number: int, gone: int) -> Finding:
    from planner import rules
    from planner.finding import Finding

    rule, (file, code, field) = rules.get("IGN003"), of
    span = baseline.source.documents[0].span(("findings", *of), on_key=True)
    where = f"{file}{f' at `{field}`' if field else ''}"
    how_many = f"{gone} of {number} known findings of {code} are" if number > 1 else f"the known finding of {code} is"
    message = f"{how_many} gone from {where}"
    return Finding(
        baseline.path, *span, rule.code, rule.name, rule.level, "", message, "write it anew: planner baseline"
    )
