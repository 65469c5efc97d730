"""`planner explain RULE`: what a rule checks, why, and how to do better."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from planner.cli import codes, selection

if TYPE_CHECKING:
    from planner.report.style import Style
    from planner.rules.registry import Rule


@click.command("explain", short_help="What a rule checks, why, with its formula and source.")
@click.argument("rule")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
def command(rule: str, color: str) -> int:
    """Explain RULE, called by its code (FIT001) or its name (weights-exceed-memory)."""
    from planner import rules
    from planner.cli.terminal import write

    found = rules.find(rule)
    if found is None:
        close = rules.close(rule)
        advice = f"did you mean {' or '.join(close)}?" if close else "`planner rules` lists them"
        raise click.UsageError(f"no rule is called {rule}; {advice}")
    write(_page(found, selection.looks(color)), sys.stdout)
    return codes.CLEAN


def _page(rule: Rule, style: Style) -> Iterator[str]:
    """The rule's documentation, a line at a time."""
    from planner.rules.page import body, url

    yield f"{style.paint(rule.level, rule.code)} {style.paint('strong', rule.name)} ({rule.level})"
    yield ""
    paragraph: list[str] = []
    fenced = False
    for line in body(rule).split("\n"):
        if not fenced and _is_prose(line):
            paragraph.append(line)
            continue
        yield from _filled(paragraph, style)
        paragraph.clear()
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            yield f"    {line}".rstrip()
        else:
            yield style.paint("strong", line[3:]) if line.startswith("## ") else line
    yield from _filled(paragraph, style)
    yield ""
    yield style.paint("dim", url(rule.code))


def _is_prose(line: str) -> bool:
    return bool(line) and not line.startswith(("```", "## ", "- ", "|", " "))


def _filled(paragraph: list[str], style: Style) -> Iterator[str]:
    """The lines of a paragraph, broken anew for this terminal."""
    from planner.report.layout import wrap

    if paragraph:
        yield from wrap(" ".join(paragraph), style.width)
