"""A rule's page: its docstring, with the sections that every page has."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING

from planner import plugins

if TYPE_CHECKING:
    from planner.rules.registry import Rule

BASE = "https://github.com/your-org/planner/blob/main/docs/rules"
SECTIONS = ("What it does", "Why", "Example", "Use instead", "Settings", "Since")
"""What every page says, in this order; more may stand between."""
FAMILIES = {
    "CFG": "malformed or contradictory configs",
    "REF": "what could not be resolved",
    "FIT": "memory, serving and training",
    "PAR": "the parallel layout",
    "DTY": "dtypes against devices and engines",
    "TOK": "training tokens and compute",
    "IGN": "comments and baselines that silence findings",
}
"""What the rules of a family are about."""

_OF_EVERY_RULE = (
    "None of its own. `select`, `ignore`, `per-file-ignores` and `levels` hold as for every rule (docs/settings.md)."
)
_OF_NONE = "None: no setting, comment or baseline hides that a file could not be read."


def url(code: str) -> str:
    """Where the page of the rule `code` can be read; empty for a rule of others that does not say."""
    other = plugins.rules().get(code)
    if other is not None:
        return other.url
    return f"{BASE}/{code}.md"


def summary(rule: Rule) -> str:
    """The first sentence."""
    return cleandoc(rule.documentation).partition("\n\n")[0].replace("\n", " ")


def body(rule: Rule) -> str:
    """The page below its title, in Markdown."""
    from planner.suppression import UNREADABLE

    text = cleandoc(rule.documentation)
    if "## Settings" not in text:
        text += f"\n\n## Settings\n{_OF_NONE if rule.code in UNREADABLE else _OF_EVERY_RULE}"
    return f"{text}\n\n## Since\n{rule.since}"


def sections(rule: Rule) -> dict[str, str]:
    """The text of each section by its heading."""
    _, *parts = f"\n{body(rule)}".split("\n## ")
    return {heading: text.strip() for heading, _, text in (part.partition("\n") for part in parts)}
