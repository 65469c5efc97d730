"""A log, read once: the last start-up in it as a `Measured`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import BinaryIO

from planner.verify import llama_cpp, ollama, pytorch, sglang, vllm
from planner.verify.facts import Fact, words
from planner.verify.lines import lines
from planner.verify.measured import Measured, tells
from planner.verify.start import Kind, Start, values

KINDS = (vllm.KIND, sglang.KIND, ollama.KIND, llama_cpp.KIND, pytorch.KIND)
"""In the order in which they are asked: an engine's log may hold errors of PyTorch, Ollama's holds llama.cpp's."""
BLOCK = 500
"""Lines that are looked through together: nearly all of a long log are of no interest."""
GENERAL = frozenset(("failure", "started"))
"""Fields of lines that programs of other kinds print as well: out of memory, application startup complete."""
ANYWHERE = (
    Fact("GPU 0: ", r"\bGPU 0: (?P<gpu>[^(\r\n]{1,80})", {"gpu": words}),
    Fact("NVIDIA", r"^\|\s+0\s+(?P<gpu>NVIDIA [\w -]{2,50}?)(?:\.\.\.)?\s{2,}", {"gpu": words}),
)
"""Of the device: what `collect_env` and `nvidia-smi` print above a log holds for every start-up."""


class Collector:
    """The start-ups of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._start = Start(1)
        self._starts = 0
        self._found: Measured | None = None

    def take(self, fact: Fact, line: str, index: int) -> None:
        """Keep what a line says; one that opens a start-up closes an earlier one that has got as far as figures."""
        if not re.search(fact.pattern, line):
            return
        if fact.opens and self._start.said.keys() & self.kind.figures:
            self._close()
            self._start = Start(index)
        elif not self._start.said:
            self._start.line = index
        for field, value, rank in values(fact, line):
            self._start.add(field, value, index, rank)

    def result(self) -> Measured | None:
        """The last start-up that tells anything."""
        self._close()
        return self._found._replace(starts=self._starts) if self._found else None

    def _close(self) -> None:
        if not self._start.said.keys() - GENERAL:
            return
        found = self.kind.measured(self._start)
        if tells(found):
            self._starts += 1
            self._found = found


def read(stream: BinaryIO) -> Measured | None:
    """The last start-up in a log; None where nothing in it is known. Raises OSError."""
    collectors = [Collector(kind) for kind in KINDS]
    marks = _marks(collectors)
    device: str | None = None
    numbered = lines(stream)
    while block := list(islice(numbered, BLOCK)):
        text = "\n".join(line for _, line in block)
        present = {mark: interested for mark, interested in marks.items() if mark in text}
        for index, line in block if present else ():
            for mark, interested in present.items():
                if mark in line:
                    for collector, fact in interested:
                        collector.take(fact, line, index)
            device = next((str(value) for fact in ANYWHERE for _, value, _ in values(fact, line)), device)
    found = next((each for each in (collector.result() for collector in collectors) if each), None)
    if found is None or found.device is not None:
        return found
    return found._replace(device=device)


def _marks(collectors: Iterable[Collector]) -> dict[str, list[tuple[Collector, Fact]]]:
    """Who is interested in a line, by the text that marks it."""
    found: dict[str, list[tuple[Collector, Fact]]] = {fact.mark: [] for fact in ANYWHERE}
    for collector in collectors:
        for fact in collector.kind.facts:
            found.setdefault(fact.mark, []).append((collector, fact))
    return found
