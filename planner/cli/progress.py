"""A bar on the terminal while many files are checked, once that takes longer than people like to wait in the dark."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO

SOON = 1.0
"""Seconds after which a bar appears."""
ERASE = "\r\x1b[K"


class _Bar:
    """Told how many files are done."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._start = time.monotonic()
        self._bar: Any = None

    def __call__(self, done: int) -> None:
        if self._bar is None:
            if time.monotonic() - self._start < SOON:
                return
            import click

            self._bar = click.progressbar(length=self._total, label="checking", show_pos=True, file=self._stream)
        self._bar.update(done - self._bar.pos)

    def end(self) -> None:
        """Take the bar away: what follows is the report."""
        if self._bar is not None:
            self._stream.write(f"{ERASE}\x1b[?25h")
            self._stream.flush()


@contextmanager
def shown(total: int, stream: TextIO) -> Iterator[Callable[[int], object]]:
    """What is to be told of progress on `total` files, for those who look at the terminal `stream`."""
    bar = _Bar(total, stream)
    try:
        yield bar
    finally:
        bar.end()
