"""The command line: a table of commands, each in a module of its own that is imported when it is called."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from planner.cli import codes
from planner.cli.boundary import guarded

COMMANDS = {
    "lint": "planner.cli.lint:command",
    "plan": "planner.cli.plan:command",
    "what-if": "planner.cli.what_if:command",
    "verify": "planner.cli.verify:command",
    "baseline": "planner.cli.baseline:command",
    "explain": "planner.cli.explain:command",
    "rules": "planner.cli.rules:command",
    "models": "planner.cli.models:command",
    "hardware": "planner.cli.hardware:command",
    "schema": "planner.cli.schema:command",
    "init": "planner.cli.init:command",
    "server": "planner.cli.server:command",
    "completion": "planner.cli.completion:command",
}
"""Command → module:object, in the order of the help."""


class Commands(click.Group):
    """A group that looks its commands up in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a hint for those who give a path and no command."""
        if args[0] not in COMMANDS and os.path.exists(args[0]):
            raise click.UsageError(f"no command is given: planner lint {args[0]}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, asked: _version(context) if asked else None,
    help="Show the version, the date of the data and the plugins, and stop.",
)
def group() -> None:
    """Does it fit, and is it trained enough? Checks the configs of large language models."""


def _version(context: click.Context) -> None:
    from planner.cli.terminal import write
    from planner.cli.version import lines

    write(lines(), sys.stdout)
    context.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: the process's own arguments) and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    return guarded(lambda: group.main(arguments, prog_name="planner", standalone_mode=False), arguments)


def console() -> NoReturn:
    """The `planner` command: run `main` and leave without taking the interpreter apart object by object.

    Tidying up costs 12 ms of a 75 ms run (mypy leaves the same way); all output is flushed, nothing runs at exit.
    """
    gc.set_threshold(100_000, 20, 20)
    status = main()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError:
        status = status or codes.FAILED
    os._exit(status)
