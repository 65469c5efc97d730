"""The table of commands, each in a module of its own that is imported when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

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


def _help(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        click.echo(context.get_help(), color=context.color)
        context.exit()


HELP = click.Option(
    ["-h", "--help"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_help,
    help="Show this message and exit.",
)
"""Of every command. Click's own asks gettext for these words whenever a command runs, which takes a millisecond."""


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
        if HELP not in command.params:
            command.params.append(HELP)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a hint for those who give a path and no command."""
        if args[0] not in COMMANDS and os.path.exists(args[0]):
            raise click.UsageError(f"no command is given: planner lint {args[0]}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands)
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


group.params.append(HELP)
