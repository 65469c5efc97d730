"""Round by round: lint, apply what mends, lint again, until nothing is left to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planner import disk
from planner.fix import files
from planner.fix.edits import Stretch, applied, meet, stretches
from planner.fix.trees import same_elsewhere
from planner.record import NamedTuple
from planner.source import read

if TYPE_CHECKING:
    from planner.finding import Edit
    from planner.pipeline import Report

UNKNOWN_KEY = "CFG006"
ROUNDS = 5
"""After which what still wants to change is left alone."""

Changes = Mapping[str, Sequence[Stretch]]
"""By file, what is replaced in it."""


class Fixed(NamedTuple):
    """What became of a run that mends."""

    report: Report
    """On the files as they are after it."""
    before: Mapping[str, bytes]
    """What the files held that change."""
    after: Mapping[str, bytes]
    mended: Sequence[frozenset[str]]
    """For each finding that is mended, the files that change for it."""
    refused: Mapping[str, str]
    """Files that are left as they are, and why."""


def fixed(
    lint: Callable[[], Report], is_ours: Callable[[str], bool], unsafe: bool, stdin: Mapping[str, bytes]
) -> Fixed:
    """What the files that are ours would hold if all was mended that can be; nothing is written.

    `lint` reports on them as `planner.disk.pending` says that they are. Without `unsafe` only what has one answer is
    mended. `stdin` is what standard input holds, by the name that it goes by.
    """
    work = _Work(is_ours, stdin)
    try:
        report = lint()
        for _ in range(ROUNDS):
            if not work.round(report, unsafe):
                break
            report = lint()
        report = report._replace(fixed=len(work.mended))
        return Fixed(report, work.before, {file: disk.pending[file] for file in work.before}, work.mended, work.refused)
    finally:
        disk.pending.clear()


def write(result: Fixed, stdin: str | None) -> dict[str, str]:
    """Write what changed, but for what came from `stdin`. Returns the files that could not be written, and why."""
    failed = {file: _replaced(file, result) for file in result.after if file != stdin}
    return {file: reason for file, reason in failed.items() if reason}


def _replaced(file: str, result: Fixed) -> str:
    try:
        files.replace(file, result.before[file], result.after[file])
    except files.RefusedError as reason:
        return str(reason)
    return ""


class _Work:
    """Files on their way to what they will hold."""

    def __init__(self, is_ours: Callable[[str], bool], given: Mapping[str, bytes]) -> None:
        self.before: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}
        self.mended: list[frozenset[str]] = []
        self._is_ours = is_ours
        self._given = given
        self._texts: dict[str, str] = {}

    def round(self, report: Report, unsafe: bool) -> bool:
        """Apply what mends the findings of `report`. Whether anything changed."""
        self._texts.clear()
        batch = list(self._apart(report, unsafe))
        if not self._agrees(batch):
            batch = [changes for changes in batch if self._agrees([changes])]
            batch = batch if self._agrees(batch) else batch[:1]
        for file, changes in _together(batch).items():
            data = self._data(file)
            self.before.setdefault(file, data)
            disk.pending[file] = files.encoded(applied(self._texts[file], changes), data)
        self.mended += map(frozenset, batch)
        return bool(batch)

    def _apart(self, report: Report, unsafe: bool) -> Iterator[Changes]:
        """The changes that mend each finding, where none meets those of one before.

        Keys come first, in a round of their own: what their values are decides what is right elsewhere.
        """
        taken: dict[str, list[Stretch]] = {}
        wanted = [each for each in report.findings if each.repair.edits and (unsafe or each.repair.safe)]
        for finding in [each for each in wanted if each.rule == UNKNOWN_KEY] or wanted:
            changes = self._changes(finding.repair.edits, report)
            if changes and not any(meet(new, taken.get(file, ())) for file, new in changes.items()):
                for file, new in changes.items():
                    taken.setdefault(file, []).extend(new)
                yield changes

    def _changes(self, edits: Iterable[Edit], report: Report) -> Changes:
        """Where `edits` are; nothing if one of them is in a file that must stay as it is."""
        by_file: dict[str, list[Edit]] = {}
        for edit in edits:
            by_file.setdefault(edit.file, []).append(edit)
        if not all(self._may_change(file, report) for file in by_file):
            return {}
        return {file: stretches(self._texts[file], each) for file, each in by_file.items()}

    def _may_change(self, file: str, report: Report) -> bool:
        """Whether `file` is one of ours, as it was when it was linted, and can be written back."""
        if file in self.refused or not self._is_ours(file):
            return False
        if file not in self._texts:
            try:
                self._texts[file] = files.text_of(self._data(file))
            except files.RefusedError as reason:
                self.refused[file] = str(reason)
                return False
        linted = report.sources.get(file)
        return linted is None or not linted.text or _is(linted.text, self._texts[file])

    def _data(self, file: str) -> bytes:
        if file in disk.pending:
            return disk.pending[file]
        return self._given[file] if file in self._given else files.read(file)

    def _agrees(self, batch: Iterable[Changes]) -> bool:
        """Whether everything that the changes do not touch stays what it is."""
        return all(self._holds(file, changes) for file, changes in _together(batch).items())

    def _holds(self, file: str, changes: Sequence[Stretch]) -> bool:
        data = self._data(file)
        new = files.encoded(applied(self._texts[file], changes), data)
        return same_elsewhere(read(file, data), read(file, new), changes)


def _is(linted: str, text: str) -> bool:
    """Whether `text` is what was linted, in which stars stand for secrets."""
    return linted == text or (
        len(linted) == len(text) and all(one in (other, "*") for one, other in zip(linted, text, strict=True))
    )


def _together(batch: Iterable[Changes]) -> dict[str, list[Stretch]]:
    found: dict[str, list[Stretch]] = {}
    for changes in batch:
        for file, new in changes.items():
            found.setdefault(file, []).extend(new)
    return found
