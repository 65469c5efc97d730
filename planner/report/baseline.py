"""The file of a baseline: the same text for the same counts, sorted, a line for each."""

from __future__ import annotations

from collections.abc import Mapping

from planner.report.json_text import dump

VERSION = 1


def text(counts: Mapping[tuple[str, str, str], int]) -> str:
    """The file with `counts` by file, rule and field."""
    files: dict[str, dict[str, dict[str, int]]] = {}
    for (file, rule, field), number in sorted(counts.items()):
        files.setdefault(file, {}).setdefault(rule, {})[field] = number
    return f"{dump({'version': VERSION, 'findings': files})}\n"
