"""Several processes give what one gives, in the same order, and lose nothing when one of them dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from planner import pipeline, workers
from planner.discover import Found
from planner.finding import Finding, Related
from planner.outcome import Outcome, Unchecked, decode, encode
from planner.settings import Lookup, SettingsError
from planner.source.document import Source

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")

FITS = """\
model: {name: meta-llama/Llama-2-7b-hf}
deployment: {engine: vllm, context: 4096, hardware: {accelerator: H100, count: 1}}
"""
EXCEEDS = FITS.replace("7b", "70b")
FOREIGN = "on: push\n"
BROKEN = "model: [\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Found]:
    texts = [FITS, EXCEEDS, FOREIGN, BROKEN]
    found = []
    for index in range(70):
        path = tmp_path / f"{index:03}.yaml"
        path.write_text(texts[index % len(texts)])
        found.append(Found(str(path), index % 2 == 1))
    return found


def options(jobs: int = 1) -> pipeline.Options:
    return pipeline.Options(settings=Lookup(), plans=False, jobs=jobs)


@pytest.mark.parametrize("jobs", [2, 3, 7, 100])
def test_any_number_of_processes_reports_the_same(files: list[Found], jobs: int) -> None:
    assert pipeline.run(files, options(jobs)) == pipeline.run(files, options())


def test_a_failure_of_planner_itself_comes_across(files: list[Found], monkeypatch: pytest.MonkeyPatch) -> None:
    def check(found: Found, _: Any) -> Outcome:
        if found is files[40]:
            raise ZeroDivisionError("by nought")
        return Outcome(None)

    monkeypatch.setattr(pipeline, "check", check)
    one, two = pipeline.run(files, options()), pipeline.run(files, options(2))
    assert one.not_checked == two.not_checked
    ((file, error),) = two.crashes
    assert (file, type(error).__name__, str(error)) == (files[40].file, "ZeroDivisionError", "by nought")
    assert "in check" in str(error.__cause__)


@pytest.mark.parametrize("killers", [{0}, {33}, {3, 4, 69}])
def test_a_file_that_kills_its_process_takes_no_other_with_it(
    files: list[Found], monkeypatch: pytest.MonkeyPatch, killers: set[int]
) -> None:
    def check(found: Found, _: Any) -> Outcome:
        if files.index(found) in killers:
            os.kill(os.getpid(), signal.SIGKILL)
        return Outcome(Source(found.file), checked=1)

    monkeypatch.setattr(pipeline, "check", check)
    report = pipeline.run(files, options(2))
    assert [file for file, _ in report.crashes] == [files[index].file for index in sorted(killers)]
    assert report.checked == len(files) - len(killers)


def test_settings_that_cannot_be_used_stop_the_run(files: list[Found], monkeypatch: pytest.MonkeyPatch) -> None:
    def check(found: Found, _: Any) -> Outcome:
        raise SettingsError(f"{found.file}: no good")

    monkeypatch.setattr(pipeline, "check", check)
    with pytest.raises(SettingsError, match=r"000\.yaml: no good"):
        pipeline.run(files, options(2))


def test_no_process_is_left_behind_when_nobody_wants_the_rest(files: list[Found]) -> None:
    results: Iterator[object] = workers.shared_out(files, lambda _: Outcome(None), 2, 1)
    next(results)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_processes_only_where_there_is_work_for_them() -> None:
    assert workers.automatic(1) == workers.automatic(199) == 1
    assert 1 <= workers.automatic(10**6) <= workers.MOST


def test_an_outcome_survives_the_way() -> None:
    finding = Finding(
        "a.yaml", 1, 2, 3, 4, "FIT001", "x", "error", "f", "ü\n", "h", (Related("b.yaml", 1, 1, 1, 2, "y"),)
    )
    outcome = Outcome(
        Source("a.yaml", "t"), (), (finding,), (Unchecked("a.yaml", 0, 1, "w", "b", "m"),), 2, True, "info"
    )
    assert decode(encode(outcome)) == outcome
    assert decode(encode(Outcome(None))) == Outcome(None)
