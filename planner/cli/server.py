"""`planner server`: the language server of editors."""

from __future__ import annotations

import sys

import click

from planner.cli import codes, selection

MISSING = "the language server needs pygls: pip install 'llm-config-planner[lsp]'"


@click.command("server", short_help="The language server: findings, memory and fixes in an editor.")
@click.option("--stdio", is_flag=True, expose_value=False, help="Speak over standard input and output, as it does.")
@click.option("--hardware", metavar="NAME[:N]", help="Accelerators of configs that state none: H100-80GB:8.")
@selection.no_plugins
def command(hardware: str | None) -> int:
    """Serve an editor, which starts it (docs/editors.md), over standard input and output."""
    from planner.pipeline import Options

    given = selection.hardware(hardware)
    try:
        from planner.server.serving import serve
    except ImportError as error:
        raise click.UsageError(MISSING) from error
    if sys.stdin is None or sys.stdout is None:
        raise click.UsageError("it speaks over standard input and output, and one of them is closed")
    serve(Options(given))
    return codes.CLEAN
