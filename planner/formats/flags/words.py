"""Command lines taken apart into words, each with the place that holds it. Nothing is run and nothing raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planner.formats.values import word as written
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Path

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
LONGEST = 200_000
"""Characters of a script that are read."""
_TOKEN = r"""
  (?P<skip> \\\s+ | [ \t\r]+ | \#[^\n]* )
| (?P<end> \n | && | \|\|? | ; | &(?!>) )
| (?P<word> (?: \$\([^()]{0,500}\) | \$\{(?:[^{}]|\$\{[^{}]{0,200}\}){0,300}\} | \{\{[^{}]{0,300}\}\}
              | '[^']*' | "(?:[^"\\]|\\.)*" | \\\S | (?<=>)& | [^\s;&|'"\\] )+ )
| (?P<stray> . )
"""
"""A backslash before space is taken for a continued line, which YAML may have folded, as its writer meant it."""
_PIECE = r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)"""


class Word(NamedTuple):
    """One word of a command line and the value that holds it."""

    text: str
    path: Path


def words(value: object, path: Path) -> list[Word]:
    """The words of a command that is a list, each item a word, or a string, split as a shell would."""
    if isinstance(value, str):
        return [word for command in script(value, path) for word in command]
    if not isinstance(value, list):
        return []
    found: list[Word] = []
    for index, item in enumerate(value):
        text = str(item).lower() if isinstance(item, bool) else written(item)
        found += [Word(part, (*path, index)) for part in _parts(text)]
    return found


def _parts(text: str) -> list[str]:
    """An item "--flag value" is two words, though the engine would not take it so; any other is one."""
    text = text.strip()
    match = re.fullmatch(r"(--?[A-Za-z][\w.-]*)[ \t]+([^\s].*)", text)
    if match and "\n" not in text:
        return [match[1], _unquoted(match[2])]
    return [text] if text else []


def script(text: str, path: Path) -> list[list[Word]]:
    """The simple commands of a shell script: parted at line ends, `;`, `&&`, `||`, `|` and `&`, without comments."""
    commands: list[list[Word]] = [[]]
    for match in re.compile(_TOKEN, re.VERBOSE | re.DOTALL).finditer(text[:LONGEST]):
        if match["end"]:
            commands.append([])
        elif match["word"]:
            commands[-1].append(Word(_unquoted(match["word"]), path))
    return [command for command in commands if command]


def _unquoted(text: str) -> str:
    if not any(sign in text for sign in "'\"\\"):
        return text
    return re.sub(_PIECE, _content, text, flags=re.DOTALL)


def _content(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    if match[2] is not None:
        return re.sub(r'\\(["\\$`])', r"\1", re.sub(r"\\\r?\n", "", match[2]))
    return match[3]


def commands(line: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The simple commands that a command line runs: those of the script that it hands to a shell, else itself."""
    for index, word in enumerate(line):
        if basename(word.text) in SHELLS:
            handed = _script(line[index + 1 :])
            if handed is not None:
                for command in script(handed.text, handed.path):
                    yield from commands(command)
                return
    if len(line) == 1 and re.search(r"\s", line[0].text):
        for command in script(line[0].text, line[0].path):
            yield from commands(command) if len(command) > 1 else (command,)
    elif line:
        yield line


def _script(after: Sequence[Word]) -> Word | None:
    """What stands behind `-c`, `-lc`, `-exc --`."""
    asked = False
    for word in after:
        if not word.text.startswith("-"):
            return word if asked else None
        asked = asked or ("c" in word.text and re.fullmatch(r"-[a-z]+", word.text) is not None)
    return None


def basename(text: str) -> str:
    """The program of a path."""
    return text.rpartition("/")[2]
