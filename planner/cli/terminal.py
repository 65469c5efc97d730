"""What the terminal can show, and how to write to it without failing over a character or a reader that went away."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from planner.cli.boundary import UnwritableError
from planner.report.style import WIDTH, Style

if TYPE_CHECKING:
    from typing import Protocol

    class Terminal(Protocol):
        """As much of a stream as is asked for."""

        def isatty(self) -> bool: ...
        def fileno(self) -> int: ...


NARROWEST, WIDEST = 40, 120
"""Columns that lines are broken to, whatever the terminal says: longer ones are tiring to read."""

_PLAIN = {
    "█": "#", "▓": "=", "▒": "+", "░": ".", "·": "-", "…": "...", "×": "x", "÷": "/", "−": "-", "–": "-", "—": "-",
    "→": "->", "≥": ">=", "≤": "<=", "½": "1/2", "²": "^2",
}  # fmt: skip
"""What our own characters become where the stream's encoding has none of them."""


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    shown = "".join(_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lost)
    return shown, error.end


codecs.register_error("planner", _replace)


def style(stream: Terminal | None, color: str, environment: Mapping[str, str]) -> Style:
    """What `stream` can show; `color` is auto, always or never."""
    return Style(color=_color(stream, color, environment), width=_width(stream, environment))


def _color(stream: Terminal | None, color: str, environment: Mapping[str, str]) -> bool:
    """The option, then NO_COLOR (no-color.org), FORCE_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether one looks on."""
    if color != "auto":
        return color == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return environment.get("TERM") != "dumb" and stream is not None and stream.isatty()


def _width(stream: Terminal | None, environment: Mapping[str, str]) -> int:
    stated = environment.get("COLUMNS", "")
    if stated.isascii() and stated.isdigit() and len(stated) < 6:
        return max(NARROWEST, min(WIDEST, int(stated)))
    if stream is None or not stream.isatty():
        return WIDTH
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return WIDTH
    return max(NARROWEST, min(WIDEST, columns)) if columns else WIDTH


def write(lines: Iterable[str], stream: TextIO | None) -> None:
    """Write `lines`. A reader that has seen enough (`| head`) is no error; nothing more is written to it.

    Raises `UnwritableError`.
    """
    if stream is None:
        return
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="planner")
    try:
        for line in lines:
            stream.write(f"{line}\n")
        stream.flush()
    except BrokenPipeError:
        _abandon(stream)
    except OSError as error:
        raise UnwritableError(error.strerror or str(error)) from None


def tell(lines: Iterable[str]) -> None:
    """Say `lines` on standard error, safely whoever wrote what is in them. If it takes nothing, no more can be said."""
    from planner.report import escape

    with suppress(UnwritableError):
        write(escape.guarded(map(escape.text, lines)), sys.stderr)


def _abandon(stream: TextIO) -> None:
    """Send what is still in the buffers nowhere, so that closing the stream at exit does not fail either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
