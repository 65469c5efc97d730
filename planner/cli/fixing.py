"""`planner lint --fix` and `--diff`: what is mended, in the files or for show."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner import disk
from planner.cli import codes, outputs, selection

if TYPE_CHECKING:
    from planner.check import Options
    from planner.discover import Found
    from planner.fix.run import Fixed
    from planner.pipeline import Report
    from planner.report.style import Style


def mend(found: tuple[Found, ...], options: Options, cached: str | None, unsafe: bool) -> Fixed:
    """What is found in `found` with all that can be mended; what changes is not written yet."""
    from planner.fix.run import fixed

    named = {os.path.abspath(_name(each, options)): each for each in found}

    def lint() -> Report:
        now = disk.pending.get(options.stdin_name, options.stdin) if options.stdin is not None else None
        return selection.check(found, options._replace(stdin=now), cached)

    def is_ours(file: str) -> bool:
        from planner.check import is_left_out

        each = named.get(os.path.abspath(file))
        return each is not None and not is_left_out(each, options)

    stdin = {options.stdin_name: options.stdin} if options.stdin is not None else {}
    return fixed(lint, is_ours, unsafe, stdin)


def _name(found: Found, options: Options) -> str:
    return options.stdin_name if found.file == selection.STDIN else found.file


def show(result: Fixed, style: Style, exit_zero: bool) -> int:
    """Print what would change. The exit code says whether anything would."""
    from planner.cli.terminal import tell, write
    from planner.fix.files import text_of
    from planner.report.diff import diff
    from planner.units import plural

    for file, new in result.after.items():
        shown = diff(file, text_of(result.before[file]), text_of(new), style)
        write(shown.lines, sys.stdout)
        if not shown.whole:
            tell([f"planner: {file}: a line that changes is not shown as it is; only --fix can apply this"])
    _tell_refused(result.refused)
    if result.after and not style.quiet:
        said = f"would fix {plural(len(result.mended), 'finding')} in {plural(len(result.after), 'file')}"
        tell([said])
    if result.report.unreadable or not outputs.said_crashes(result.report):
        return codes.FAILED
    return codes.FINDINGS if result.after and not exit_zero else codes.CLEAN


def keep(result: Fixed, found: tuple[Found, ...], options: Options, cached: str | None) -> tuple[bool, Report]:
    """Write what changed; of standard input, to standard output.

    Returns whether all of it could be written, and the report on what is there now.
    """
    from planner.fix.run import write

    stdin = options.stdin_name if options.stdin is not None else None
    failed = write(result, stdin)
    _tell_refused({**result.refused, **failed})
    taken = stdin is None or options.stdin is None or _put_out(result.after.get(stdin, options.stdin))
    if not failed:
        return taken, result.report
    mended = sum(files.isdisjoint(failed) for files in result.mended)
    return False, selection.check(found, options, cached)._replace(fixed=mended)


def _put_out(data: bytes) -> bool:
    """Write `data` to standard output. False where that takes it not."""
    if sys.stdout is None:
        outputs.cannot_write("standard output", "it is closed")
        return False
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except OSError as error:
        outputs.cannot_write("standard output", error.strerror)
        return False
    return True


def _tell_refused(refused: Mapping[str, str]) -> None:
    from planner.cli.terminal import tell

    tell(f"planner: {file} is left as it is: {why}" for file, why in refused.items())
