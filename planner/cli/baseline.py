"""`planner baseline`: what is found today becomes known, and `planner lint` reports only what comes on top."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from planner.cli import codes, outputs, selection


@click.command("baseline", short_help="Record today's findings, so that `lint` reports only new ones.")
@click.option(
    "--baseline", "path", metavar="FILE", help="Where to (default: as the settings say, planner-baseline.json)."
)
@selection.reading
def command(
    paths: tuple[str, ...],
    path: str | None,
    hardware: str | None,
    overrides: tuple[str, ...],
    isolated: bool,
) -> int:
    """Count the findings at PATH by file, rule and field in a file to commit. Run again, it forgets what was mended.

    Exit codes: 0 written, 2 wrong usage, 3 a named file could not be read.
    """
    from planner.baseline.run import recorded
    from planner.pipeline import Options
    from planner.settings import SettingsError

    if selection.STDIN in paths:
        raise click.UsageError("standard input has no name by which it could be known again")
    lookup = selection.settings(isolated, overrides)
    options = Options(selection.hardware(hardware), settings=lookup, plans=False)
    report = selection.run(paths, options)
    try:
        found = recorded(report, options._replace(baseline=path or ""))
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    outputs.spare([outputs.Target("baseline", file) for file in found], report.sources)
    written = outputs.said_crashes(report) and _write(found)
    return codes.FAILED if report.unreadable or not written else codes.CLEAN


def _write(baselines: Mapping[str, Mapping[tuple[str, str, str], int]]) -> bool:
    """Write each file and say so. False if one could not be written."""
    from planner.cli.terminal import write
    from planner.report import escape
    from planner.report.baseline import text
    from planner.units import plural

    for path, counts in baselines.items():
        if not outputs.put(path, text(counts).encode()):
            return False
        files = plural(len({file for file, _, _ in counts}), "file")
        said = f"{escape.name(path)}: {plural(sum(counts.values()), 'known finding')} in {files}"
        write(escape.guarded([said]), sys.stdout)
    return True
