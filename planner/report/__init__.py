"""What came out, in the form that somebody reads: people, pipelines, editors. One module per form, imported on demand.

A reporter is a module with `render(report, style) -> Iterator[str]` that yields lines without their line ends. It shows
what the report holds and computes nothing. Adding one is a file here and a row in a table below.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.pipeline import Report
    from planner.report.style import Style

LINT = {
    "text": "planner.report.text",
    "concise": "planner.report.concise",
    "json": "planner.report.lint_json",
    "jsonl": "planner.report.lint_jsonl",
    "sarif": "planner.report.sarif",
    "github": "planner.report.github",
    "gitlab": "planner.report.gitlab",
    "junit": "planner.report.junit",
    "markdown": "planner.report.markdown",
}
"""Formats of `planner lint` and the modules that print them."""

PLAN = {
    "text": "planner.report.plan_text",
    "json": "planner.report.plan_json",
}
"""Formats of `planner plan`."""


def render(module: str, report: Report, style: Style) -> Iterator[str]:
    """The lines that the reporter in `module` makes of `report`."""
    lines: Iterator[str] = import_module(module).render(report, style)
    return lines
