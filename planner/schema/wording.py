"""Unknown keys and invalid values in words: what is found, what is accepted, an example; short, and without secrets."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.schema.conform import Node, referred
from planner.schema.slips import slip_of
from planner.spelling import nearest
from planner.workload import Problem

if TYPE_CHECKING:
    from planner.source.document import Path

UNKNOWN_KEY, INVALID_VALUE = "CFG006", "CFG007"
LONGEST = 80
"""Characters of a value that are shown."""
SHORT_LIST = 24
"""Words that are listed in full."""
SECRET = re.compile(r"(token|secret|passw|credential|api_?key)(?!s)", re.IGNORECASE)
"""Keys whose values are never shown."""


class Place(NamedTuple):
    """Where a value stands, and what people call that."""

    path: Path = ()
    """In its document."""
    name: Path = ()
    """In a config: the same, unless a section is kept in a file of its own."""

    def below(self, *steps: str | int) -> Place:
        """The place of a part."""
        return Place((*self.path, *steps), (*self.name, *steps))

    @property
    def called(self) -> str:
        """`deployment.context`, `training.lora.targets[0]`; the config as a whole."""
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.name).removeprefix(".")
        return f"`{_cut(text)}`" if text else "the config"


def unknown_key(place: Place, node: Node, root: Node) -> Problem:
    """The problem of a key at `place` that `node` does not have."""
    known = [name for name in node.get("properties", {}) if not name.startswith("$")]
    key, section = str(place.name[-1]), Place(place.path[:-1], place.name[:-1])
    meant = _meant(key, section.name, known, root)
    advice = f"did you mean `{meant}`?\n" if meant else ""
    message = f"{section.called} has no key `{_cut(key)}`"
    problem = Problem(UNKNOWN_KEY, message, place.path, None, f"{advice}its keys: {', '.join(known)}", on_key=True)
    return problem._replace(renamed=meant, safe=slip_of(key, known) == meant) if meant in known else problem


def _meant(key: str, section: Path, known: Sequence[str], root: Node) -> str:
    """The key that the writer of `key` may have meant; empty if nobody can tell."""
    from planner.schema.synonyms import SYNONYMS

    name = key.lower().replace("-", "_")
    ours = SYNONYMS.get(name, "").split()
    last = [path.rpartition(".")[2] for path in ours]
    here = [one for one in last if one in known] or nearest(name, known, 1, 0.7)
    if here:
        return here[0]
    elsewhere = [*ours, *(path for path in _every_key(root) if path.rpartition(".")[2] == name)]
    return min(elsewhere, key=lambda path: not path.startswith(".".join(map(str, section[:1]))), default="")


def _every_key(root: Node) -> list[str]:
    """Dotted paths of all keys of the sections."""
    found, queue = [], [("", root)]
    while queue:
        prefix, node = queue.pop(0)
        for key, part in referred(node, root).get("properties", {}).items():
            found.append(prefix + key)
            if prefix.count(".") < 2 and isinstance(part, dict):
                queue.append((f"{prefix}{key}.", part))
    return found


def invalid_value(value: object, place: Place, node: Mapping[str, object]) -> Problem:
    """The problem of a `value` at `place` that is not what `node` (see `describe`) wants there."""
    title = str(node.get("title", "what belongs there"))
    words = _distinct(_list(node.get("enum")))
    examples = [flow(example) for example in _list(node.get("examples"))]
    if words:
        some = f"such as {', '.join(examples)}" if len(words) > SHORT_LIST else f"one of: {', '.join(words)}"
        advice = f"{_closest(value, words)}{some}"
    else:
        key = f"{place.name[-1]}: " if place.name and isinstance(place.name[-1], str) else ""
        advice = " or ".join(f"`{key}{example}`" for example in examples[:2])
        advice = f"for example {advice}" if advice else ""
    return Problem(
        INVALID_VALUE, f"{place.called} is {_shown(value, place.name, title)}, not {title}", place.path, None, advice
    )


def _distinct(words: Iterable[object]) -> list[str]:
    """The words among `words` that differ in more than case and punctuation."""
    found: dict[str, str] = {}
    for word in words:
        if isinstance(word, str):
            found.setdefault(re.sub(r"[\W_]", "", word.lower()), word)
    return list(found.values())


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _closest(value: object, words: Sequence[str]) -> str:
    if not isinstance(value, str):
        return ""
    folded = {word.lower().replace("_", "-"): word for word in reversed(words)}
    match = nearest(value.lower().replace("_", "-"), folded, 1, 0.6)
    return f"did you mean `{folded[match[0]]}`?\n" if match else ""


def _shown(value: object, path: Path, title: str) -> str:
    """`value` in words: scalars as they are, unless they could be long or secret; of all else only what it is."""
    if value is None:
        return "empty"
    if isinstance(value, (dict, list)):
        kind = "a mapping" if isinstance(value, dict) else "a list"
        return kind if value else f"{kind} without entries"
    if isinstance(value, str) and not value.strip():
        return "empty"
    if isinstance(value, str) and (title.startswith("a mapping") or any(SECRET.search(str(step)) for step in path)):
        return "text"
    return _cut(flow(value))


def flow(value: object) -> str:
    """`value` on one line of YAML: scalars plain where that is unambiguous."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z./][\w./ -]*|[0-9][0-9.]*[A-Za-z]+", value)
        and value.strip() == value
    ):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return json.dumps(value, ensure_ascii=False, default=str)  # a date, in TOML


def _cut(text: str) -> str:
    """`text` on one line and not too long: what a key says is no line of the message."""
    text = text if text.isprintable() else json.dumps(text, ensure_ascii=False)[1:-1]
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
