"""How an engine is started: which one, and with which options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planner.formats.flags.engines import ENGINES, Table, by_image, model_of_image, version
from planner.formats.flags.options import Option, name, option, read
from planner.formats.flags.variables import Environment, Variable, expand
from planner.formats.flags.words import Word, basename, commands
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Path

_ASSIGNMENT = r"([A-Za-z_]\w*)=(.*)"
_PREFIXES = frozenset({"export", "exec", "then", "do", "else", "if", "time", "nohup", "env", "sudo", "{", "(", "set"})
_MENTIONED = r"vllm|sglang|text-generation-launcher|llama|trtllm|lmdeploy"
"""Occurs in every program that starts an engine."""
_ENTERED = frozenset({"serve", "run"})
"""What an image is given that starts with its engine's program."""
_ARGUMENT = r"-.*|(?!.*\.(?:sh|py|bin)$)[\w.-]+/[\w.:-]+"
"""An option, or the name of a model."""


class Launch(NamedTuple):
    """An engine and its options."""

    table: Table
    options: Mapping[str, Option]
    """By the engine's own names, underscored."""
    path: Path
    """Of the command."""
    version: tuple[int, ...] | None = None
    image: str = ""


def find(line: Sequence[Word], environment: Environment, image: str | None = None, path: Path = ()) -> Launch | None:
    """The engine that a command line starts; without a program in it, the one that the image starts with it.

    `path` is that of the image or container. None for a command that starts no engine that is known.
    """
    image, _ = expand(image or "", environment)
    table = by_image(image)
    entered = [Word(table.engine, line[0].path), *line] if table and line and line[0].text in _ENTERED else line
    found = next(_started(entered, environment), None)
    if found is None and table and (not line or re.fullmatch(_ARGUMENT, line[0].text)):
        found = (table, line, environment)
    if found is None:
        return None
    table, words, environment = found
    options = {**_of_image(image, path), **_of_environment(table, environment, path), **read(words, table, environment)}
    where = words[0].path if words else line[0].path if line else path
    return Launch(table, options, where, version(table, image), image)


def count(line: Sequence[Word]) -> int:
    """How many engines a command line starts, Ollama not counted: it is asked for models after its start."""
    return sum(table.engine != "ollama" for table, _, _ in _started(line, {}))


def _started(line: Sequence[Word], environment: Environment) -> Iterator[tuple[Table, Sequence[Word], Environment]]:
    """Every engine that a command line starts, the words behind it, and the variables that are set by then.

    A model that Ollama runs tells more than that it serves.
    """
    variables, serves = dict(environment), None
    for command in commands(line):
        words = _assigned(command, variables)
        start = _start(words)
        if start is None:
            continue
        table, index = start
        if words[index - 1].text == "serve" and table.engine == "ollama":
            serves = serves or (table, words[index:], variables)
        else:
            yield table, words[index:], variables
    if serves:
        yield serves


def _assigned(command: Sequence[Word], variables: dict[str, Variable]) -> Sequence[Word]:
    """`command` without what stands in front of its program; what it assigns there goes into `variables`."""
    for index, word in enumerate(command):
        match = re.fullmatch(_ASSIGNMENT, word.text, re.DOTALL)
        if match:
            value, missing = expand(match[2], variables)
            variables[match[1]] = Variable(None if missing else value, word.path)
        elif word.text not in _PREFIXES:
            return command[index:]
    return ()


def _start(words: Sequence[Word]) -> tuple[Table, int] | None:
    """The engine that `words` start, and the index of what follows."""
    for index, word in enumerate(words):
        if not re.search(_MENTIONED, word.text):
            continue
        program = basename(word.text) if "api_server.py" not in word.text else word.text
        follows = words[index + 1].text if index + 1 < len(words) else ""
        for table in ENGINES.values():
            if re.fullmatch(table.commands, f"{program} {follows}"):
                return table, _behind(table, words, index + 2)
            if re.fullmatch(table.commands, program):
                return table, _behind(table, words, index + 1)
    return None


def _behind(table: Table, words: Sequence[Word], index: int) -> int:
    """The index of what follows the subcommand of an engine's program."""
    return index + (index < len(words) and words[index].text == table.subcommand)


def _of_image(image: str, path: Path) -> dict[str, Option]:
    """The model that an image is made for."""
    model = model_of_image(image)
    return {"model": Option(model, (*path, "image"), "image")} if model else {}


def _of_environment(table: Table, environment: Environment, path: Path) -> dict[str, Option]:
    """The options that variables state."""
    found: dict[str, Option] = {}
    for variable, key in table.environment.items():
        stated = environment.get(variable)
        if stated is None:
            continue
        place = stated.path or path
        if stated.value is None:
            found[key] = Option(None, place, variable, (f"${variable}",))
        elif stated.value:
            found[key] = option(stated.value, place, variable, environment)
    return found


def from_options(
    engine: str, values: Mapping[str, object], path: Path, environment: Environment | None = None
) -> Launch:
    """The same of options that stand in a mapping: vLLM's config file, `engine_kwargs`. Either spelling of a key."""
    table = ENGINES[engine]
    options: dict[str, Option] = {}
    for key, value in values.items():
        place = (*path, key)
        if isinstance(value, str):
            options[name(key, table)] = option(value, place, key, environment or {})
        elif value is not None:
            options[name(key, table)] = Option(value, place, key)
    return Launch(table, options, path)
