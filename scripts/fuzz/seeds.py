"""Configs to start from: those of the examples, the documentation and the tests, and those in folders of others."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from planner.discover import find
from planner.formats import registry

PROJECT = Path(__file__).resolve().parents[2]
LARGEST = 30_000
"""Characters of a seed: what is longer costs more time than it finds."""


class Seed(NamedTuple):
    """A config, and the end of a name that tells its syntax."""

    name: str
    text: str


def own() -> list[Seed]:
    """The seeds of this project."""
    files = [*PROJECT.glob("examples/**/*.yaml"), *PROJECT.glob("tests/hostile/*")]
    found = [_of_file(file) for file in sorted(files) if file.is_file()]
    for page in sorted(PROJECT.glob("docs/**/*.md")):
        found += (Seed("a.yaml", block) for block in _blocks(page.read_text(encoding="utf-8")))
    for module in (*sorted(PROJECT.glob("tests/**/*.py")), *sorted(PROJECT.glob("planner/rules/*.py"))):
        found += _of_code(module.read_text(encoding="utf-8"))
    return _ours(found)


def of_folders(folders: Iterable[str]) -> list[Seed]:
    """The configs in `folders`."""
    return _ours(_of_file(Path(found.file)) for found in find(list(folders)))


@cache
def projects() -> list[dict[str, str]]:
    """Small repositories whose files refer to each other: names and contents."""
    folders = sorted(Path(__file__).with_name("projects").iterdir())
    files = [[file for file in sorted(folder.rglob("*")) if file.is_file()] for folder in folders]
    return [
        {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in each}
        for folder, each in zip(folders, files, strict=True)
    ]


@cache
def logs() -> list[bytes]:
    """Logs of engines and of training."""
    return [file.read_bytes()[:20_000] for file in sorted(PROJECT.glob("tests/verify/logs/*"))]


def _ours(seeds: Iterable[Seed]) -> list[Seed]:
    """Those that a format may want, each once."""
    return [seed for seed in dict.fromkeys(seeds) if len(seed.text) <= LARGEST and registry.candidates(seed.text)]


def _of_file(file: Path) -> Seed:
    return Seed(f"a{os.path.splitext(file.name)[1]}" if "." in file.name else file.name, _text(file))


def _text(file: Path) -> str:
    with file.open("rb") as stream:
        return stream.read(LARGEST + 1).decode("utf-8", "surrogateescape")


def _blocks(page: str) -> list[str]:
    return re.findall(r"```ya?ml\n(.*?)```", page, re.DOTALL)


def _of_code(code: str) -> Iterator[Seed]:
    """Texts with several lines and tables of plain values, as tests have them."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            yield from (Seed("a.yaml", block) for block in _blocks(node.value))
            yield Seed(_guessed(node.value), node.value)
        elif isinstance(node, ast.Dict):
            value = _literal(node)
            if isinstance(value, dict) and all(isinstance(key, str) for key in value):
                yield from (Seed("a.json", json.dumps(each)) for each in (value, *_dicts(value)))


def _dicts(value: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in value.values() if isinstance(each, dict)]


def _literal(node: ast.Dict) -> Any:
    try:
        value = ast.literal_eval(node)
        json.dumps(value)
    except (ValueError, TypeError):
        return None
    return value


def _guessed(text: str) -> str:
    start = text.lstrip()
    if start.startswith("FROM "):
        return "Modelfile"
    return "a.json" if start.startswith("{") else "a.toml" if re.match(r"\[\w+\]\n|\w+ = ", start) else "a.yaml"
