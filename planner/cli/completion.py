"""`planner completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import sys

import click

from planner.cli import codes

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_PLANNER_COMPLETE"
"""Set by the script when it asks; click looks for it."""


@click.command("completion", short_help="The script that completes commands and options in a shell.")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script for SHELL.

    \b
    bash: planner completion bash > ~/.local/share/bash-completion/completions/planner
    zsh:  planner completion zsh > "${fpath[1]}/_planner"
    fish: planner completion fish > ~/.config/fish/completions/planner.fish
    """
    from click.shell_completion import get_completion_class

    from planner.cli.commands import group
    from planner.cli.terminal import write

    found = get_completion_class(shell)
    assert found is not None
    made = found(group, {}, "planner", VARIABLE)
    write([made.source_template % made.source_vars()], sys.stdout)
    return codes.CLEAN
