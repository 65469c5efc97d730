"""One file on which planner fails does not take the others with it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from planner import pipeline
from planner.outcome import Outcome


def test_the_other_files_are_still_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(found: Any, *_: Any) -> Any:
        if found.file == "b.yaml":
            raise ZeroDivisionError
        return Outcome(None)

    monkeypatch.setattr(pipeline, "check", check)
    files: Any = [SimpleNamespace(file=name, named=True) for name in ("a.yaml", "b.yaml", "c.yaml")]
    report = pipeline.run(files, pipeline.Options())
    assert report.skipped == 2
    assert [(name, type(error)) for name, error in report.crashes] == [("b.yaml", ZeroDivisionError)]
    assert report.not_checked[0][:5] == ("b.yaml", 0, 1, "file", "internal error: ZeroDivisionError")
