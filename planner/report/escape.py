"""Strings of others made safe to print: no config, file name or parser message steers a terminal or a CI runner.

GitHub's runner takes a line as a command when it starts with `::` after white space, and `##[` anywhere in a line
(actions/runner, src/Runner.Common/ActionCommand.cs), whatever program printed it and inside whatever format; so does
the agent of Azure Pipelines with `##vso[` (azure-pipelines-agent, Command.cs), and TeamCity with `##teamcity[`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_SURROGATE = "[\ud800-\udfff]"
_COMMAND = r"(##[A-Za-z]{0,20})\["


def text(value: str) -> str:
    """`value` on one line: what does not print (controls, line ends, bidi controls, surrogates) as `\\u{..}`."""
    return value if value.isprintable() else "".join(map(_printable, value))


def lines(value: str) -> list[str]:
    """`value`, which may have several lines, as safe ones."""
    return [text(line) for line in value.split("\n")]


def name(file: str) -> str:
    """A file's name. One that starts like a runner's command gets a `./` before it."""
    shown = text(file)
    return f"./{shown}" if shown.lstrip().startswith("::") else shown


def guarded(output: Iterable[str]) -> Iterator[str]:
    """Lines for people, of which none is a runner's command."""
    for line in output:
        line = unmeant(line)
        bare = line.lstrip()
        yield f"{line[: len(line) - len(bare)]}\\{bare}" if bare.startswith("::") else line


def unmeant(line: str, bracket: str = "\\[") -> str:
    """`line` with another `bracket` in what a runner would obey within a line."""
    return re.sub(_COMMAND, lambda match: match[1] + bracket, line) if "##" in line else line


def json_string(value: str) -> str:
    """`value` without lone surrogates, which many JSON readers refuse; a byte that is no UTF-8 becomes `\\xE9`."""
    return value if value.isascii() else re.sub(_SURROGATE, lambda match: _printable(match[0]), value)


def json_text(dumped: str) -> str:
    """A JSON text in ASCII with the same value and without a runner's command or a control character in it."""
    return unmeant(dumped, "\\u005b").replace("\x7f", "\\u007f")


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{{{code:x}}}"
