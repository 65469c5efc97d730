"""One row of a model catalogue, and where rows come from: the built-in file and the user's own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from planner.catalog import lines
from planner.catalog.model_names import last, normal
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.workload import Quantization

FILE = "models.jsonl"
LARGEST = 1 << 26
"""Bytes of a user's file."""

_edition = 0
_own: dict[str, ModelRow] = {}
"""Rows of the user's catalogues by every name they go by."""


class ModelRow(NamedTuple):
    """What is known of one checkpoint, or of a model known by its size alone."""

    id: str
    """Its name on the Hugging Face Hub, or the one its paper gives it."""
    config: Mapping[str, object] | None = None
    """The keys of its config.json that change shapes, caches, context or dtype."""
    parameters: int | None = None
    active_parameters: int | None = None
    """Through which one token passes, in a mixture of experts."""
    training_tokens: int | None = None
    quantization: Quantization | None = None
    """Of a re-upload, as its name says; a checkpoint's own stands in `config`."""
    base: str | None = None
    """The row whose config this is."""
    note: str = ""
    source: str = ""
    date: str = ""
    same: tuple[str, ...] = ()
    """Checkpoints of equal shape."""
    aliases: tuple[str, ...] = ()
    """Other names: tags of Ollama's library, colloquial ones."""


def decode(values: Mapping[str, object]) -> ModelRow:
    """A line of a catalogue."""
    config = values.get("config")
    whole = {key: value for key, value in values.items() if isinstance(value, int)}
    words = {key: value for key, value in values.items() if isinstance(value, str)}
    return ModelRow(
        id=words["id"],
        config=config if isinstance(config, dict) else None,
        parameters=whole.get("parameters"),
        active_parameters=whole.get("active_parameters"),
        training_tokens=whole.get("training_tokens"),
        base=words.get("base"),
        note=words.get("note", ""),
        source=words.get("source", ""),
        date=words.get("date", ""),
        same=lines.strings(values.get("same")),
        aliases=lines.strings(values.get("aliases")),
    )


@lru_cache(maxsize=1)
def _take_own() -> None:
    """The user's own catalogue, where there is one."""
    if os.path.isfile(default_file()):
        add_files([default_file()])


def default_file() -> str:
    """$XDG_CONFIG_HOME/planner/models.jsonl, or ~/.config/planner/models.jsonl."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join("~", ".config")
    return os.path.join(os.path.expanduser(home), "planner", "models.jsonl")


def all_rows() -> Iterator[ModelRow]:
    """The user's rows, then the built-in ones by name."""
    _take_own()
    yield from {id(row): row for row in _own.values()}.values()
    for values in lines.rows(FILE):
        yield decode(values)


def called(key: str, name: str) -> list[ModelRow]:
    """Rows with `name` (in lower case) as `id`, or among `same`, `aliases` or `names`; the user's own come first."""
    _take_own()
    if name in _own:
        return [_own[name]]
    if not lines.plain(name):
        return []
    if key == "id":
        row = lines.keyed(FILE, key, name)
        return [decode(row)] if row else []
    found = lines.rows(FILE, f'"{name}"', fold=True)
    return [decode(row) for row in found if name in (entry.lower() for entry in lines.strings(row.get(key)))]


def add_files(paths: list[str]) -> list[str]:
    """Take rows from files of JSON lines and from folders of config.json files; what could not be read is returned."""
    global _edition
    _edition += 1
    return [problem for problem in map(_taken, paths) if problem]


def _taken(path: str) -> str | None:
    try:
        for values in _folder(path) if os.path.isdir(path) else _jsonl(path):
            row = decode(values)
            for name in (row.id, *row.same, *row.aliases, normal(last(row.id))):
                _own.setdefault(name.lower(), row)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as wrong:
        return f"{path}: {wrong}"
    return None


def edition() -> int:
    """A number that changes with the user's rows."""
    return _edition


def own() -> tuple[str, ...]:
    """The names of the user's own rows."""
    _take_own()
    return tuple(_own)


def forget() -> None:
    """Drop the user's rows."""
    global _edition
    _edition += 1
    _own.clear()
    _take_own.cache_clear()


def _jsonl(path: str) -> Iterator[Mapping[str, object]]:
    import json

    for line in filter(str.strip, _text(path).split("\n")):
        values = json.loads(line)
        if not isinstance(values, dict) or not isinstance(values.get("id"), str):
            raise ValueError("a row needs an id")
        yield values


def _text(path: str) -> str:
    """The text of a regular file: anything else might never end."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("is no regular file")
    if found.st_size > LARGEST:
        raise ValueError("too large for a catalogue")
    with open(path, encoding="utf-8") as file:
        return file.read()


def _folder(folder: str) -> Iterator[Mapping[str, object]]:
    """ORG/NAME/config.json and ORG--NAME.json below `folder`."""
    import json

    for place, _, files in sorted(os.walk(folder)):
        for file in sorted(files):
            if not file.endswith(".json"):
                continue
            config = json.loads(_text(os.path.join(place, file)))
            if isinstance(config, dict) and ("model_type" in config or "architectures" in config):
                inner = os.path.relpath(place, folder).replace(os.sep, "/")
                name = inner if file == "config.json" else file.removesuffix(".json").replace("--", "/", 1)
                yield {"id": name if name != "." else os.path.basename(folder), "config": config, "source": place}
