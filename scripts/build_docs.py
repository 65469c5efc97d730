#!/usr/bin/env python3
"""Write docs/rules: a page for each rule and an index, from the rules' docstrings.

python scripts/build_docs.py           # writes
python scripts/build_docs.py --check   # says what is out of date, and exits with 1 if anything is
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from planner import rules
from planner.rules import page
from planner.rules.registry import Rule

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"
INTRODUCTION = """\
# Rules

An *error* is proved, a *warning* is predicted, *info* is advice. A rule is called by its code or its name: in
[settings](../settings.md), in [comments](../suppression.md), on the command line. `planner explain RULE` prints these
pages.
"""


def pages() -> dict[str, str]:
    """The text of each file in docs/rules by its name."""
    every = rules.every()
    return {"README.md": index(list(every.values()))} | {f"{code}.md": document(rule) for code, rule in every.items()}


def document(rule: Rule) -> str:
    """A rule's page."""
    return f"# {rule.code} {rule.name}\n\nLevel: {rule.level}\n\n{_linked(page.body(rule))}\n"


def index(every: list[Rule]) -> str:
    """The list of all rules."""
    return "\n".join([INTRODUCTION, *_families(every)])


def _families(every: list[Rule]) -> Iterator[str]:
    for family, members in groupby(every, lambda rule: rule.code[:3]):
        yield f"## {family}: {page.FAMILIES[family]}\n"
        yield "| code | name | level | |\n|---|---|---|---|"
        for rule in members:
            yield f"| [{rule.code}]({rule.code}.md) | `{rule.name}` | {rule.level} | {page.summary(rule)} |"
        yield ""


def _linked(text: str) -> str:
    """`text` with links where it names another page of the documentation."""
    return re.sub(r"\bdocs/([a-z-]+\.md)", r"[docs/\1](../\1)", text)


def main() -> int:
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} if FOLDER.is_dir() else {}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/rules/{name} is out of date: python scripts/build_docs.py")
        return bool(stale)
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
        print(f"docs/rules/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
