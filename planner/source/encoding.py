"""Bytes to text: UTF-8, with or without a byte order mark, and UTF-16 and UTF-32 with one. Nothing is guessed."""

from __future__ import annotations

import codecs

from planner.source import lines
from planner.source.document import SourceProblem, Span

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 before UTF-16, whose mark begins like it."""
_NONE = (b"", "utf-8")
_FIRST = frozenset(mark[:1] for mark, _ in _MARKS)


def of(data: bytes) -> tuple[bytes, str]:
    """The byte order mark of a file, which may be empty, and its encoding."""
    return next((entry for entry in _MARKS if data.startswith(entry[0])), _NONE)


def decode(data: bytes) -> tuple[str, SourceProblem | None]:
    """The text of a file without its byte order mark, and what is wrong with its encoding."""
    mark, encoding = of(data) if data[:1] in _FIRST else _NONE
    body = data[len(mark) :] if mark else data
    try:
        return body.decode(encoding), None
    except UnicodeDecodeError as error:
        text = body.decode(encoding, "replace")
        return text, _problem(text, len(body[: error.start].decode(encoding)), len(mark) + error.start, data, encoding)


def _problem(text: str, offset: int, byte: int, data: bytes, encoding: str) -> SourceProblem:
    span = Span(*lines.span(text, offset, offset + 1))
    name = encoding[:6].upper() if encoding != "utf-8" else "UTF-8"
    message = f"not {name}: byte 0x{data[byte]:02x} at offset {byte:,} (line {span.line}) begins no character"
    guess = "it looks like Latin-1 or Windows-1252: " if encoding == "utf-8" and b"\0" not in data else ""
    return SourceProblem("CFG002", message, span, f"{guess}save the file as UTF-8", fatal=True)
