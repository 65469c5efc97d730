"""How a config is spelled changes nothing of what is said of it, whatever its format."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner import pipeline
from planner.discover import Found
from planner.source import read

SAMPLES = {
    file.stem: file
    for file in sorted(Path(__file__).with_name("samples").iterdir())
    if file.suffix in (".yaml", ".json")
}
Spelling = Callable[[Any], Any]


class Quoting(yaml.SafeDumper):
    """Puts every text in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class Single(Quoting):
    """The same in single ones."""


for dumper, sign in ((Quoting, '"'), (Single, "'")):
    dumper.add_representer(
        str, lambda self, text, sign=sign: self.represent_scalar("tag:yaml.org,2002:str", text, style=sign)
    )


def block(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10**6)


def shuffled(value: Any, order: random.Random) -> Any:
    """The same with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(each, order) for each in value] if isinstance(value, list) else value


def backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return list(map(backwards, value)) if isinstance(value, list) else value


def commented(data: Any) -> str:
    """A comment above every key of a block, and behind those that begin a mapping or list."""
    lines = SPELLINGS["double quotes"](data).splitlines()
    return "".join(f"# b: c\n{line}{'  # [d' if line.endswith(':') else ''}\n" for line in lines)


def anchored(data: Any) -> str:
    """Every mapping and list below the first is written once, where it stands first, and again by its alias."""
    names = itertools.count()
    seen: dict[str, str] = {}

    def flow(value: Any, deep: int = 0) -> str:
        if not isinstance(value, (dict, list)) or not value:
            return json.dumps(value)
        same = json.dumps(value)
        if same in seen:
            return f"*{seen[same]}"
        name = f"a{next(names)}"
        inner = (
            ", ".join(f"{json.dumps(key)}: {flow(item)}" for key, item in value.items())
            if isinstance(value, dict)
            else ", ".join(map(flow, value))
        )
        seen[same] = name
        return f"&{name} {{{inner}}}" if isinstance(value, dict) else f"&{name} [{inner}]"

    return "".join(f"{json.dumps(key)}: {flow(value)}\n" for key, value in data.items())


SPELLINGS: dict[str, Spelling] = {
    "keys backwards": lambda data: block(backwards(data)),
    "keys shuffled": lambda data: block(shuffled(data, random.Random(1))),
    "keys sorted": lambda data: yaml.safe_dump(data, width=10**6),
    "comments": commented,
    "flow": lambda data: yaml.safe_dump(data, default_flow_style=True, sort_keys=False, width=10**6),
    "narrow flow": lambda data: yaml.safe_dump(data, default_flow_style=True, sort_keys=False, width=30),
    "double quotes": lambda data: yaml.dump(data, Dumper=Quoting, sort_keys=False, width=10**6),
    "single quotes": lambda data: yaml.dump(data, Dumper=Single, sort_keys=False, width=10**6),
    "JSON": json.dumps,
    "indented JSON": lambda data: json.dumps(data, indent=4),
    "anchors": anchored,
    "CRLF": lambda data: block(data).replace("\n", "\r\n"),
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + block(data).encode(),
    "UTF-16": lambda data: block(data).encode("utf-16"),
    "a document marker": lambda data: f"%YAML 1.1\n---\n{block(data)}...\n",
    "deeper indents": lambda data: yaml.safe_dump(data, sort_keys=False, indent=7, width=10**6),
}


@cache
def said(text: str | bytes, name: str = "a.yaml") -> list[tuple[Any, ...]]:
    """Everything but places in the file: the paths of findings and their words."""
    data = text.encode() if isinstance(text, str) else text
    of = pipeline.run([Found("-", True)], pipeline.Options(stdin=data, stdin_name=name))
    assert not of.crashes
    findings = sorted((each.rule, each.level, each.field, each.message, each.help) for each in of.findings)
    return [
        *findings,
        *sorted((each.what, each.because, each.mend) for each in of.not_checked),
        ("checked", of.checked),
    ]


def data_of(name: str) -> Any:
    (document,) = read(SAMPLES[name].name, SAMPLES[name].read_bytes()).documents
    return document.data


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_spelling_does_not_matter(name: str, spelling: str) -> None:
    data = data_of(name)
    assert said(SPELLINGS[spelling](data)) == said(block(data))


@pytest.mark.parametrize("name", SAMPLES)
def test_nor_does_the_end_of_the_name(name: str) -> None:
    text = json.dumps(data_of(name))
    assert said(text, "a.json") == said(text)
