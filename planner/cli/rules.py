"""`planner rules`: all of them in a table."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from planner.cli import codes, selection

if TYPE_CHECKING:
    from planner.report.style import Style
    from planner.rules.registry import Rule

NARROWEST = 30
"""Cells that a summary has at least."""


@click.command("rules", short_help="All rules: code, name, level, and what each is about.")
@click.option(
    "--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", help="How to print (default: text)."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
def command(form: str, color: str) -> int:
    """List the rules."""
    from planner import rules
    from planner.cli.terminal import write

    every = rules.every().values()
    write(_json(every) if form == "json" else _text(every, selection.looks(color)), sys.stdout)
    return codes.CLEAN


def _text(rules: Collection[Rule], style: Style) -> Iterator[str]:
    from planner.report.layout import cells, table, wrap
    from planner.rules.page import summary

    rows = [(rule.code, style.paint("strong", rule.name), style.paint(rule.level, rule.level)) for rule in rules]
    starts = list(table(rows))
    indent = max(map(cells, starts)) + 2
    for rule, start in zip(rules, starts, strict=True):
        first, *more = wrap(summary(rule), max(NARROWEST, style.width - indent))
        yield f"{start}{' ' * (indent - cells(start))}{first}"
        yield from (" " * indent + line for line in more)


def _json(rules: Iterable[Rule]) -> Iterator[str]:
    from planner.report.json_text import dump
    from planner.rules.page import body, summary, url

    yield dump(
        {
            "version": 1,
            "rules": [
                {
                    "rule": rule.code,
                    "name": rule.name,
                    "level": rule.level,
                    "summary": summary(rule),
                    "documentation": body(rule),
                    "url": url(rule.code),
                    "since": rule.since,
                }
                for rule in rules
            ],
        }
    )
