"""Variables in command lines: `$(VAR)`, `$VAR`, `${VAR}`, `${VAR:-default}`. What is not known stays unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Path

DEEPEST = 50
"""Variables that stand for variables, in a chain."""
LARGEST = 100_000
"""Characters that variables may add to a text."""
_REFERENCE = (
    r"\$\$|\$\((?P<k8s>[A-Za-z_]\w*)\)|\$\{(?P<name>[A-Za-z_][\w.]*)"
    r"(?:(?P<sign>:?[-+?=])(?P<rest>(?:[^{}]|\$\{[^{}]{0,200}\}){0,300}))?\}|\$(?P<plain>[A-Za-z_]\w*)"
    r"|(?P<other>\$\([^()]{0,500}\)|\$\{[^{}]{0,300}\}|\{\{(?:[^{}\n]|[{}](?![{}])){0,300}\}\}|`[^`]{0,500}`)"
)


class Variable(NamedTuple):
    """What an environment sets."""

    value: str | None
    """None where it comes from a secret or another place that cannot be read."""
    path: Path | None = None


Environment = Mapping[str, Variable]


def expand(text: str, environment: Environment) -> tuple[str, tuple[str, ...]]:
    """`text` with its variables replaced, and what stays unknown in it: ("$MODEL_ID",)."""
    return _Expansion(environment).of(text)


class _Expansion:
    """Variables that stand for variables, each worked out once; one that stands for itself is not known."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, tuple[str, tuple[str, ...]] | None] = {}
        self._left = LARGEST
        self._depth = 0

    def of(self, text: str) -> tuple[str, tuple[str, ...]]:
        """`text` with its variables replaced, and what stays unknown in it."""
        if _is_placeholder(text):
            return text, (text,)
        if not any(sign in text for sign in ("$", "{{", "`")):
            return text, ()
        missing: dict[str, None] = {}

        def replaced(match: re.Match[str]) -> str:
            found, unknown = self._reference(match)
            self._left -= len(found)
            missing.update(dict.fromkeys(unknown))
            return found

        return re.sub(_REFERENCE, replaced, text), tuple(missing)

    def _reference(self, match: re.Match[str]) -> tuple[str, tuple[str, ...]]:
        if match[0] == "$$":
            return "$", ()
        if match["other"] or self._left < 0:
            return match[0], (match[0],)
        name, sign = match["k8s"] or match["name"] or match["plain"], match["sign"] or ""
        variable = self._environment.get(name)
        known = variable.value if variable else None
        if "+" in sign:
            return self.of(match["rest"]) if known else ("", ())
        if known is not None and (known or not sign.startswith(":")):
            return self._variable(name, known) or (match[0], (f"${name}",))
        if sign[-1:] in ("-", "=") and (variable is None or known is not None):
            return self.of(match["rest"])
        return match[0], (f"${name}",)

    def _variable(self, name: str, value: str) -> tuple[str, tuple[str, ...]] | None:
        """What a variable stands for; None where that is itself, or too far to seek."""
        if name not in self._known:
            if self._depth >= DEEPEST:
                return None
            self._known[name] = None
            self._depth += 1
            self._known[name] = self.of(value)
            self._depth -= 1
        return self._known[name]


def _is_placeholder(text: str) -> bool:
    """<your-model>, ???, YOUR_MODEL_HERE: to be filled in by whoever uses the file."""
    if text == "???" or (text.startswith("<") and text.endswith(">")):
        return True
    return re.fullmatch(r"(?i)your[-_ ].*|.*/your[-_]\w+.*|change[-_]?me", text) is not None
