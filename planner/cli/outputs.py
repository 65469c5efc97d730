"""Which format goes where: the n-th `--output` takes the n-th `--format`, a format without one goes to stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

import click

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.pipeline import Report
    from planner.report.style import Style

STDOUT = "-"


class Target(NamedTuple):
    """A format and the file that it goes to."""

    format: str
    file: str


def pair(formats: Sequence[str], files: Sequence[str]) -> list[Target]:
    """The targets; text to stdout when no format is given."""
    formats = formats or ("text",)
    if len(files) > len(formats):
        raise click.UsageError(
            f"{len(files)} --output for {len(formats)} --format: the n-th --output goes with the n-th --format"
        )
    targets = [Target(name, files[i] if i < len(files) else STDOUT) for i, name in enumerate(formats)]
    taken = [target.file for target in targets]
    if len(set(taken)) < len(taken):
        raise click.UsageError("two formats would be written to the same place: give each an --output")
    return targets


def annotated(targets: list[Target], formats: Sequence[str], environment: Mapping[str, str]) -> list[Target]:
    """`targets`, and annotations where GitHub Actions reads along and nobody asked for a format."""
    if formats or environment.get("GITHUB_ACTIONS") != "true":
        return targets
    return [*targets, Target("github", STDOUT)]


def spare(targets: Sequence[Target], inputs: Iterable[str]) -> None:
    """Refuse to write a report over a file that is being checked."""
    if all(target.file == STDOUT for target in targets):
        return
    read = {os.path.realpath(file) for file in inputs if file != STDOUT}
    for target in targets:
        if target.file != STDOUT and os.path.realpath(target.file) in read:
            raise click.UsageError(f"--output {target.file} would overwrite a file that is checked")


def said_crashes(report: Report) -> bool:
    """Say on stderr that planner failed on a file. True if it did not."""
    if report.crashes:
        from planner.cli.boundary import crashed

        files, (error, *others) = zip(*report.crashes, strict=True)
        crashed(error, sys.argv[1:], files, others)
    return not report.crashes


def _shown(lines: Iterable[str], stream: TextIO) -> bool:
    """Whether `stream` took `lines`; a reader that has seen enough took them."""
    from planner.cli.boundary import UnwritableError
    from planner.cli.terminal import write

    try:
        write(lines, stream)
    except UnwritableError as reason:
        cannot_write("standard output", str(reason))
        return False
    return True


def put(path: str, data: bytes) -> bool:
    """Write `data` to `path`, over a file that is there in one step: a full disk costs nobody what they had.

    False, and said, if that cannot be.
    """
    from planner.fix import files

    try:
        if os.path.isfile(path) and not os.path.islink(path):
            files.replace(path, files.read(path), data)
        else:
            with open(path, "wb") as file:
                file.write(data)
    except (files.RefusedError, OSError) as error:
        cannot_write(path, getattr(error, "strerror", None) or str(error))
        return False
    return True


def cannot_write(where: str, reason: str | None) -> None:
    """Say that what was asked for is not at `where`."""
    from planner.cli.terminal import tell

    tell([f"planner: cannot write {where}: {reason}"])


def emit(
    report: Report, targets: Iterable[Target], table: Mapping[str, str], style: Style, stream: TextIO | None = None
) -> bool:
    """Write `report` to every target, `stream` standing in for standard output.

    False if planner failed on a file or could not write one, said on stderr.
    """
    from planner.report import render

    done = said_crashes(report)
    for target in targets:
        if target.file == STDOUT:
            done &= _shown(render(table[target.format], report, style), stream or sys.stdout)
            continue
        try:
            with open(target.file, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(
                    f"{line}\n" for line in render(table[target.format], report, style._replace(color=False))
                )
        except OSError as error:
            cannot_write(target.file, error.strerror)
            done = False
    return done
