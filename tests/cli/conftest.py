"""A pipeline without files: what the commands do with what they are given and with what comes back."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from planner import pipeline
from planner.finding import Finding
from planner.pipeline import Options, Report


class Call(NamedTuple):
    """What the pipeline was called with."""

    files: list[Any]
    options: Options


class Pipeline:
    """Stands in for the whole house behind the command line."""

    def __init__(self) -> None:
        self.report = Report((), (), {}, 1, (), 0, ())
        self.found: list[Any] = [SimpleNamespace(file="a.yaml", named=True)]
        self.error: BaseException | None = None
        self.calls: list[Call] = []
        self.paths: list[str] = []

    def run(self, files: Any, options: Options) -> Report:
        self.calls.append(Call(list(files), options))
        if self.error is not None:
            raise self.error
        return self.report

    def find(self, paths: Sequence[str]) -> Iterator[Any]:
        self.paths = list(paths)
        return iter(self.found)

    def finds(self, *levels: str) -> None:
        """Have a finding of each of `levels`."""
        found = tuple(
            Finding("a.yaml", 1, 1, 1, 2, "FIT001", "weights-exceed-memory", level, "", "m") for level in levels
        )
        self.report = self.report._replace(findings=found)


@pytest.fixture(name="house")
def _house(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    house = Pipeline()
    monkeypatch.setattr(pipeline, "run", house.run)
    monkeypatch.setitem(sys.modules, "planner.discover", SimpleNamespace(find=house.find))
    return house


@pytest.fixture(name="feed")
def _feed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Puts content on standard input."""
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.fixture(name="planner")
def _planner(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command line in this process, far from the environment's wishes about colour."""
    from planner.cli import main

    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: main(list(arguments))
