"""Variables in command lines: `$(VAR)`, `$VAR`, `${VAR}`, `${VAR:-default}`. What is not known stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Path

DEEPEST = 5
"""Variables that stand for variables."""
_REFERENCE = (
    r"\$\$|\$\((?P<k8s>[A-Za-z_]\w*)\)|\$\{(?P<name>[A-Za-z_][\w.]*)"
    r"(?:(?P<sign>:?[-+?=])(?P<rest>(?:[^{}]|\$\{[^{}]{0,200}\}){0,300}))?\}|\$(?P<plain>[A-Za-z_]\w*)"
    r"|(?P<other>\$\([^()]{0,500}\)|\$\{[^{}]{0,300}\}|\{\{.{0,300}?\}\}|`[^`]{0,500}`)"
)


class Variable(NamedTuple):
    """What an environment sets."""

    value: str | None
    """None where it comes from a secret or another place that cannot be read."""
    path: Path | None = None


Environment = Mapping[str, Variable]


def expand(text: str, environment: Environment, depth: int = 0) -> tuple[str, tuple[str, ...]]:
    """`text` with its variables replaced, and what stays unknown in it: ("$MODEL_ID",)."""
    if _is_placeholder(text):
        return text, (text,)
    if not any(sign in text for sign in ("$", "{{", "`")):
        return text, ()
    missing: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        if match["other"]:
            missing.append(match[0])
            return match[0]
        found, unknown = _value(match, environment, depth)
        missing.extend(unknown)
        return found

    return re.sub(_REFERENCE, replaced, text), tuple(dict.fromkeys(missing))


def _value(match: re.Match[str], environment: Environment, depth: int) -> tuple[str, tuple[str, ...]]:
    name = match["k8s"] or match["name"] or match["plain"]
    variable, sign = environment.get(name), match["sign"] or ""
    known = variable.value if variable else None
    if "+" in sign:
        return expand(match["rest"], environment, depth + 1) if known else ("", ())
    if known is not None and depth < DEEPEST and (known or not sign.startswith(":")):
        return expand(known, environment, depth + 1)
    if depth < DEEPEST and sign[-1:] in ("-", "=") and (variable is None or known is not None):
        return expand(match["rest"], environment, depth + 1)
    return match[0], (f"${name}",)


def _is_placeholder(text: str) -> bool:
    """<your-model>, ???, YOUR_MODEL_HERE: to be filled in by whoever uses the file."""
    if text == "???" or (text.startswith("<") and text.endswith(">")):
        return True
    return re.fullmatch(r"(?i)your[-_ ].*|.*/your[-_]\w+.*|change[-_]?me", text) is not None
