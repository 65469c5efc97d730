"""What the tests of reading share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from planner.source import read
from planner.source.document import Source, Span


@pytest.fixture(name="parse")
def _parse() -> Callable[..., Source]:
    """Read a text as a file of that name."""

    def parse(text: str, name: str = "config.yaml") -> Source:
        return read(name, text.encode())

    return parse


@pytest.fixture(name="at")
def _at() -> Callable[[Source, Span], str]:
    """The text at a span, over lines as an editor has them."""

    def at(source: Source, span: Span) -> str:
        rows = [source.line(number) for number in range(span.line, span.end_line + 1)]
        rows[-1] = rows[-1][: span.end_column - 1]
        rows[0] = rows[0][span.column - 1 :]
        return "\n".join(rows)

    return at
