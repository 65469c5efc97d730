"""`planner lint`: what is wrong, on the line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from planner.cli import codes, outputs, selection
from planner.finding import LEVELS
from planner.report import LINT

if TYPE_CHECKING:
    from planner.pipeline import Report

NEVER = "never"


class _Jobs(click.IntRange):
    """A number of processes; 0 for auto."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return 0 if value == "auto" else super().convert(value, param, ctx)


JOBS = _Jobs(1)


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
    help="Lowest level that makes the exit code 1 (default: what the settings say, else error).",
)
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules: codes, prefixes or names, by comma.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these rules. The longer of two prefixes decides.")
@click.option(
    "--baseline", metavar="FILE", help="Report only what is not counted there (`planner baseline` writes it)."
)
@click.option("--no-ignores", is_flag=True, help="Report what comments and baselines silence as well.")
@click.option("--force-exclude", is_flag=True, help="Leave out what the settings exclude even where it is named.")
@click.option("--fix", is_flag=True, help="Mend in the files what has one safe answer.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: mend what may change what is meant as well.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--show-files", is_flag=True, help="Print the files that would be looked at, and stop.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--quiet", "-q", is_flag=True, help="Findings and nothing else.")
@click.option("--no-summary", is_flag=True, help="No line with counts at the end.")
@click.option("--jobs", "-j", type=JOBS, default="auto", metavar="N", help="Processes (default: auto).")
@click.option("--no-cache", is_flag=True, help="Work everything out again.")
@click.option(
    "--cache-dir",
    type=selection.PATH,
    envvar="PLANNER_CACHE_DIR",
    default="",
    metavar="DIR",
    help="Where the findings of earlier runs are kept (default: the user's cache).",
)
@selection.shared
def command(
    paths: tuple[str, ...],
    formats: tuple[str, ...],
    files: tuple[str, ...],
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: str | None,
    no_ignores: bool,
    force_exclude: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    show_files: bool,
    exit_zero: bool,
    quiet: bool,
    no_summary: bool,
    jobs: int,
    no_cache: bool,
    cache_dir: str,
    hardware: str | None,
    overrides: tuple[str, ...],
    isolated: bool,
    show_settings: bool,
    stdin_filename: str,
    color: str,
) -> int:
    """Check the configs at PATH (files, folders, or - for standard input; default: the current folder).

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong usage, 3 a named file could not be read.
    """
    from planner.pipeline import Options

    lookup = selection.settings(isolated, overrides, select, ignore)
    if show_settings:
        return selection.show_settings(paths, lookup, stdin_filename)
    targets = outputs.annotated(outputs.pair(formats, files), formats, os.environ)
    outputs.spare(targets, paths)
    style = selection.looks(color)._replace(quiet=quiet, summary=not no_summary)
    given = selection.hardware(hardware)
    options = Options(
        given,
        stdin=selection.stdin(paths),
        stdin_name=stdin_filename,
        settings=lookup,
        baseline=None if no_ignores else baseline or "",
        no_ignores=no_ignores,
        force_exclude=force_exclude,
        plans="markdown" in formats,
        jobs=jobs,
    )
    found, cached = selection.found(paths), None if no_cache else cache_dir
    if show_files:
        return selection.show_files(found, options)
    if diff:
        from planner.cli import fixing

        return fixing.show(fixing.mend(found, options, cached, unsafe_fixes), style, exit_zero)
    if fix:
        from planner.cli import fixing

        mended = fixing.mend(found, options, cached, unsafe_fixes)
        outputs.spare(targets, mended.report.sources)
        kept, report = fixing.keep(mended, found, options, cached)
    else:
        kept, report = True, selection.check(found, options, cached)
        outputs.spare(targets, report.sources)
    stream = sys.stderr if fix and options.stdin is not None else sys.stdout
    written = outputs.emit(report, targets, LINT, style, stream)
    return status(report, NEVER if exit_zero else fail_on) if written and kept else codes.FAILED


def status(report: Report, fail_on: str | None) -> int:
    """The exit code that `report` deserves; without `fail_on` each file's settings say what fails."""
    if report.unreadable:
        return codes.FAILED
    return codes.FINDINGS if report.fails(fail_on) else codes.CLEAN
