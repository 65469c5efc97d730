"""Damage to the tree that a config spells: members go, come, change places and types."""

from __future__ import annotations

import json
import marshal
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import words
from vocabulary import NUMBERS, SECRET, SECRET_KEYS, VALUES

PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off|y|n)\Z)[A-Za-z/$][A-Za-z0-9_./$-]*", re.IGNORECASE)
"""Text that YAML takes for text without quotes."""
Place = tuple[Any, Any]
"""A mapping or sequence, and the key or index of a member."""


def places(trees: Sequence[Any]) -> list[Place]:
    """Every member of every mapping and sequence."""
    waiting, found, met = list(trees), list[Place](), set[int]()
    while waiting:
        holder = waiting.pop()
        if id(holder) in met or not isinstance(holder, (dict, list)):
            continue
        met.add(id(holder))
        for key, value in list(holder.items()) if isinstance(holder, dict) else enumerate(holder):
            found.append((holder, key))
            waiting.append(value)
    return found


def copied(value: Any) -> Any:
    """`value` anew, all the way down."""
    return marshal.loads(marshal.dumps(value))


def bend(rng: random.Random, trees: list[Any], others: Callable[[], list[Any]], known: Sequence[str]) -> None:
    """Change one member. `others` makes trees to take from, `known` are words of configs."""
    found = places(trees)
    if not found:
        return
    holder, key = rng.choice(found)
    value = holder[key]
    match rng.randrange(16):
        case 0:
            del holder[key]
        case 1 | 2 | 3:
            holder[key] = copied(rng.choice(VALUES))
        case 4 | 5 | 6:
            holder[key] = rng.choice(NUMBERS)
        case 7:
            holder[key] = rng.choice(known)
        case 8:
            inner = [each[name] for each, name in places(others())]
            holder[key] = copied(rng.choice(inner)) if inner else None
        case 9:
            _swap(rng, found, holder, key)
        case 10 | 11:
            holder[key] = rng.choice(CASTS)(value)
        case 12:
            if isinstance(holder, dict):
                _rename(rng, holder, key, known)
        case 13:
            _add(rng, holder, key, known)
        case _:
            texts = [place for place in found if isinstance(place[0][place[1]], str) and " " in place[0][place[1]]]
            if texts:
                holder, key = rng.choice(texts)
            holder[key] = words.bent(rng, holder[key])


def confide(rng: random.Random, trees: list[Any]) -> None:
    """Put a secret somewhere."""
    holders = [holder for holder, _ in places(trees) if isinstance(holder, dict)]
    if holders:
        rng.choice(holders)[rng.choice(SECRET_KEYS)] = SECRET


CASTS: tuple[Callable[[Any], Any], ...] = (
    str, lambda value: [value], lambda value: {"value": value}, lambda value: [value, value],
    lambda value: {"a": value, "b": 1},
    lambda value: next(iter(value), None) if isinstance(value, (dict, list)) else not value,
    lambda value: list(value) if isinstance(value, dict) else [],
    lambda value: dict.fromkeys(map(str, value)) if isinstance(value, list) else {},
    lambda value: json.dumps(value, default=str), lambda value: {str(value): None},
    lambda value: float(value) if isinstance(value, int) and abs(value) < 1 << 60 else f"{value}B",
    lambda value: [{"name": key, "value": item} for key, item in value.items()] if isinstance(value, dict) else value,
)  # fmt: skip
"""The same in another type."""


def _swap(rng: random.Random, found: list[Place], holder: Any, key: Any) -> None:
    other, name = rng.choice(found)
    if isinstance(holder[key], (dict, list)) or isinstance(other[name], (dict, list)):
        holder[key] = copied(other[name])
    else:
        holder[key], other[name] = other[name], holder[key]


def _rename(rng: random.Random, holder: dict[Any, Any], key: Any, known: Sequence[str]) -> None:
    """Spell a key in another way, in its place."""
    name = str(key)
    spelled = rng.choice((
        name.upper(), name.title(), name.replace("_", "-"), name.replace("-", "_"), name.replace("_", ""), f"{name} ",
        f" {name}", f"{name}s", name[:-1], name[1:], f"--{name}", f"{name}.x", f"{name}\n", "", "<<", rng.choice(known),
        re.sub(r"_(\w)", lambda match: match[1].upper(), name), re.sub(r"([A-Z])", r"_\1", name).lower(), f"{name}.0",
    ))  # fmt: skip
    items = [(spelled if each == key else each, value) for each, value in holder.items()]
    holder.clear()
    holder.update(items)


def _add(rng: random.Random, holder: Any, key: Any, known: Sequence[str]) -> None:
    value = copied(rng.choice((*VALUES, *NUMBERS)))
    if isinstance(holder, dict):
        holder[rng.choice((*known[:1], rng.choice(known), "x-a", "env", "args", "command", "model"))] = value
    else:
        holder.insert(rng.randint(0, len(holder)), rng.choice((value, copied(holder[key]))))


def scalar_of(value: Any) -> str:
    """A scalar as JSON has it; some texts without quotes."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and len(value) % 5:
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def block(value: Any, indent: str = "", scalar: Callable[[Any], str] = scalar_of) -> Iterator[str]:
    """Lines of YAML in block style."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _entry(f"{indent}{scalar(key)}:", item, indent + "  ", scalar)
    elif isinstance(value, list) and value:
        for item in value:
            lines = list(block(item, indent + "  ", scalar))
            lines[0] = f"{indent}- {lines[0].lstrip()}"
            yield from lines
    else:
        yield indent + scalar(value)


def _entry(start: str, value: Any, indent: str, scalar: Callable[[Any], str]) -> Iterator[str]:
    if isinstance(value, (dict, list)) and value:
        yield start
        yield from block(value, indent, scalar)
    elif isinstance(value, str) and "\n" in value and re.fullmatch(r"\w[ -~\n]*", value):
        yield f"{start} |-"
        yield from (indent + line for line in value.split("\n"))
    else:
        yield f"{start} {scalar(value)}"
