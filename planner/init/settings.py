"""The settings to begin with, as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

HEAD = "# planner: which rules, how strict, on what hardware (docs/settings.md; `planner schema settings`)"


def text(unstated: Mapping[str, int], within: str = "") -> str:
    """Settings that change nothing, with a profile to fill in for the files that state no hardware.

    `within` is the table that they stand in: "tool.planner" of a pyproject.toml, none in planner.toml.
    """
    return "\n".join(_lines(unstated, within)) + "\n"


def _lines(unstated: Mapping[str, int], within: str) -> Iterator[str]:
    if within:
        yield f"[{within}]"
    yield HEAD
    yield 'fail-on = "error"    # or "warning", "info", "never"'
    for pattern, count in unstated.items():
        yield ""
        configs = "1 config states" if count == 1 else f"{count} configs state"
        yield f"# {configs} no hardware: say what it runs on, and uncomment (`planner hardware` lists names)."
        yield f"# [[{within}{'.' if within else ''}hardware]]"
        yield f"# files = {json.dumps(pattern, ensure_ascii=True)}"
        yield '# accelerator = "H100-80GB"'
        yield "# count = 1"


def appended(whole: str, added: str) -> str:
    """`whole` with the lines of `added` behind it, a blank line between, in its own line ends."""
    end = "\r\n" if "\r\n" in whole else "\n"
    gap = "" if not whole.strip() else end if whole.endswith("\n") else end * 2
    return whole + gap + added.replace("\n", end)
