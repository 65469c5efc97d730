"""The last line of defence: whatever happens, the user reads a sentence and the shell gets an exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import click

from planner.cli import codes


class UnwritableError(Exception):
    """A stream does not take what is written to it; the message says why."""


def guarded(call: Callable[[], object], arguments: Sequence[str]) -> int:
    """What `call` returns if that is an exit code; otherwise the code of what went wrong, which is said on stderr."""
    try:
        status = call()
    except click.ClickException as error:
        _usage(error)
        return codes.USAGE
    except UnwritableError as error:
        _say(f"planner: cannot write standard output: {error}")
        return codes.FAILED
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return codes.INTERRUPTED
    except Exception as error:  # the boundary: no traceback ever reaches a terminal
        crashed(error, arguments)
        return codes.FAILED
    return status if isinstance(status, int) else codes.CLEAN


def _say(*lines: str) -> None:
    from planner.cli.terminal import tell

    tell(lines)


def _usage(error: click.ClickException) -> None:
    from planner.report import escape

    context = getattr(error, "ctx", None)
    hint = [f"  try: {context.command_path} --help"] if context else []
    _say(*(f"planner: {line}" for line in escape.lines(error.format_message())), *hint)


def crashed(
    error: Exception, arguments: Sequence[str], files: Sequence[str] = (), others: Sequence[Exception] = ()
) -> None:
    """Say that planner itself failed, and where the details for a bug report are.

    `files` are those on which it did, if that is known, the one of `error` first; nothing repeats a secret of theirs.
    """
    from planner import plugins
    from planner.cli.crash import write_report
    from planner.report import escape

    discreet = _discretion(files)
    what = escape.text(discreet(str(error)))[:200]
    path = write_report((error, *others), arguments, discreet)
    more = f", and {len(others)} more" if others else ""
    where = f" on {escape.name(files[0])}" if files else ""
    other = plugins.blamed(error)
    where += f" in the plugin {escape.text(other)}" if other else ""
    _say(
        f"planner: internal error{where}: {type(error).__name__}{': ' if what else ''}{what}{more}",
        f"  details for a bug report: {path}" if path else "  the details could not be written to a temporary file",
    )


def _discretion(files: Sequence[str]) -> Callable[[str], str]:
    """What puts stars where a text repeats secrets, its own or those of `files`."""
    from planner.cli.crash import MOST
    from planner.discretion import starred
    from planner.source.files import Unreadable, read_bytes

    texts = []
    for file in files[:MOST]:
        with suppress(Unreadable):
            texts.append(read_bytes(file).decode("utf-8", "replace"))
    return lambda text: starred(text, *texts)
