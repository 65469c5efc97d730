"""`planner lint`: what is wrong, on the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from planner.cli import codes, outputs, selection
from planner.finding import LEVELS
from planner.report import LINT

if TYPE_CHECKING:
    from planner.pipeline import Report

NEVER = "never"


@click.command("lint", short_help="Check configs; findings with the line and what would fix them.")
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    type=click.Choice(list(LINT)),
    help="How to print (default: text). Repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*reversed(LEVELS), NEVER]),
    default="error",
    help="Lowest level that makes the exit code 1 (default: error).",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--quiet", "-q", is_flag=True, help="Findings and nothing else.")
@click.option("--no-summary", is_flag=True, help="No line with counts at the end.")
@selection.shared
def command(
    paths: tuple[str, ...],
    formats: tuple[str, ...],
    files: tuple[str, ...],
    fail_on: str,
    exit_zero: bool,
    quiet: bool,
    no_summary: bool,
    hardware: str | None,
    stdin_filename: str,
    color: str,
) -> int:
    """Check the configs at PATH (files, folders, or - for standard input; default: the current folder).

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage, 3 a named file could not be read.
    """
    from planner.pipeline import Options

    targets = outputs.pair(formats, files)
    outputs.spare(targets, paths)
    style = selection.looks(color)._replace(quiet=quiet, summary=not no_summary)
    options = Options(selection.hardware(hardware), stdin=selection.stdin(paths), stdin_name=stdin_filename)
    report = selection.run(paths, options)
    outputs.spare(targets, report.sources)
    written = outputs.emit(report, targets, LINT, style)
    return codes.FAILED if not written else status(report, NEVER if exit_zero else fail_on)


def status(report: Report, fail_on: str) -> int:
    """The exit code that `report` deserves."""
    from planner.pipeline import worst

    if report.unreadable:
        return codes.FAILED
    if fail_on != NEVER and worst(report.findings) >= LEVELS.index(fail_on):
        return codes.FINDINGS
    return codes.CLEAN
