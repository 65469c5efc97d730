"""`planner schema`: the JSON Schemas of what planner reads and prints."""

from __future__ import annotations

import sys

import click

from planner.cli import codes


@click.command("schema", short_help="A JSON Schema: of the config, the settings, or the JSON that is printed.")
@click.argument("name", default="config")
def command(name: str) -> int:
    """Print the JSON Schema called NAME (default: config)."""
    from planner import schema
    from planner.cli.terminal import write
    from planner.report.json_text import dump

    names = sorted(schema.names())
    if name not in names:
        raise click.UsageError(f"no schema is called {name}; there are {', '.join(names)}")
    write([dump(schema.load(name))], sys.stdout)
    return codes.CLEAN
