"""Ollama's Modelfile: a base model and the parameters that it runs with.

Syntax as in the project's parser: an instruction per line in any case, values in quotes or in triple quotes over
several lines, comments from `#` at the beginning of a line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.formats import devices, serving
from planner.formats.flags.engines import ENGINES
from planner.formats.flags.launch import Launch
from planner.formats.flags.options import Option, parsed
from planner.record import NamedTuple
from planner.source.document import Document

if TYPE_CHECKING:
    from planner.formats.context import Context
    from planner.source.document import Place
    from planner.workload import Workload

WORDS = frozenset(
    ("from", "parameter", "template", "system", "adapter", "license", "message", "renderer", "parser", "requires")
)
OPTIONS = {"num_ctx": "context_length", "num_gpu": "num_gpu", "num_batch": "num_batch"}
"""Parameters that decide what fits, and what the engine calls them."""
STATEMENT = r'^[ \t]*([A-Za-z]+)[ \t]+((?:(?!""")[^\r\n])*(?:"""[\s\S]*?(?:"""|\Z)[^\r\n]*)?)'


class Statement(NamedTuple):
    """An instruction: its word in lower case, its value, and the offsets of both in the text."""

    word: str
    value: str
    place: Place


def statements(text: str) -> Iterator[Statement]:
    """The instructions of a Modelfile in their order."""
    for match in re.finditer(STATEMENT, text, re.MULTILINE):
        value = match[2].rstrip()
        place = (match.start(1), match.end(1), match.start(2), match.start(2) + len(value))
        yield Statement(match[1].lower(), value, place)


def recognise(document: Document) -> bool:
    """Whether it is a text of Ollama's instructions, one of which says from which model."""
    text = document.data
    if text is not document.text or not re.search(r"^[ \t]*from[ \t]+\S", text, re.IGNORECASE | re.MULTILINE):
        return False
    found = list(statements(text))
    first = next(iter(found), None)
    return first is not None and first.word in WORDS and any(entry.word == "from" for entry in found)


def read(document: Document, context: Context) -> Iterator[Workload]:
    """The one model that it makes."""
    tree = _tree(document)
    parameters: dict[str, str] = tree.data["parameter"]
    options = {"model": Option(library_name(tree.data["from"]), ("from",), "FROM")}
    for key, value in parameters.items():
        if key in OPTIONS:
            options[OPTIONS[key]] = Option(parsed(value), ("parameter", key), key)
    launch = Launch(ENGINES["ollama"], options, ("parameter",) if parameters else ("from",))
    yield devices.deployment(launch, serving.Place(tree, context, "modelfile"))


def library_name(name: str) -> str:
    """The name in Ollama's library, with the tag that it takes where none is written: llama3.2:latest."""
    last = name.rpartition("/")[2]
    bare = ":" in last or name.startswith((".", "/", "~", "hf.co/", "huggingface.co/"))
    return name if bare or os.path.splitext(last)[1] in (".gguf", ".bin", ".safetensors") else f"{name}:latest"


def _tree(document: Document) -> Document:
    """The text as a mapping of its instructions, each with its place: `from`, `adapter` and `parameter`, by name."""
    text: str = document.data
    parameters: dict[str, str] = {}
    data: dict[str, object] = {"parameter": parameters}
    places: dict[str, Place] = {}
    inner: dict[str, Place] = {}
    for word, value, place in statements(text):
        if word == "parameter":
            key, _, setting = value.partition(" ")
            start = place[2]
            parameters[key.lower()] = _unquoted(setting)
            inner[key.lower()] = (start, start + len(key), place[3] - len(setting.lstrip()), place[3])
            places.setdefault("parameter", place)
        elif word in ("from", "adapter"):
            data.setdefault(word, _unquoted(value))
            places.setdefault(word, place)
    root = (-1, -1, 0, len(text))
    return Document(document.file, document.index, data, text, root, {id(data): places, id(parameters): inner})


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
