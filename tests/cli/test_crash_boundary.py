"""An internal error is a sentence and a file, never a traceback in somebody's terminal."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _temporary_files_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_the_terminal_gets_a_sentence_and_the_file_gets_the_rest(
    house: Any, planner: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    house.error = ZeroDivisionError("division by zero")
    assert planner("lint", "a.yaml") == 3
    err = capsys.readouterr().err
    assert err.startswith("planner: internal error: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in err
    found = re.search(r"details for a bug report: (.*)\n", err)
    assert found
    report = Path(found[1]).read_text(encoding="utf-8")
    for part in ("Traceback", "ZeroDivisionError", "planner 0", "python 3", "click ", "['lint', 'a.yaml']"):
        assert part in report


def test_a_hostile_message_is_cut_and_escaped(
    house: Any, planner: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    house.error = ValueError("\x1b[2J\n::error::" + "x" * 10_000)
    assert planner("lint") == 3
    err = capsys.readouterr().err
    assert len(err) < 600
    found = re.search(r"details for a bug report: (.*)\n", err)
    assert found
    for text in (err, Path(found[1]).read_text(encoding="utf-8")):
        assert "\x1b" not in text
        assert not any(line.lstrip().startswith("::") for line in text.split("\n"))


def test_without_a_place_for_the_report_the_sentence_still_comes(
    house: Any, planner: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    house.error = RecursionError()
    assert planner("lint") == 3
    assert "internal error: RecursionError" in capsys.readouterr().err


def test_a_crash_on_one_file_is_said_after_which_the_others_are_reported(
    house: Any, planner: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    house.finds("warning")
    house.report = house.report._replace(crashes=(("b.yaml", ValueError("bad")),))
    assert planner("lint", "a.yaml", "b.yaml", "-f", "concise", "--quiet") == 3
    out, err = capsys.readouterr()
    assert out == "a.yaml:1:1: warning FIT001 [weights-exceed-memory] m\n"
    assert "internal error on b.yaml: ValueError: bad" in err


def test_neither_the_sentence_nor_the_report_repeats_a_secret(
    house: Any, planner: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Known by its name in the file, by its shape in the error, by the option in the arguments."""
    file = tmp_path / "b.yaml"
    file.write_text("hf_token: correct-horse\n")
    shape = "hf_" + "aB3" * 10
    house.report = house.report._replace(crashes=((str(file), ValueError(f"bad: correct-horse, {shape}")),))
    assert planner("lint", str(file)) == 3
    err = capsys.readouterr().err
    found = re.search(r"details for a bug report: (.*)\n", err)
    assert found
    report = Path(found[1]).read_text(encoding="utf-8")
    assert "ValueError: bad: *************, ***" in err
    assert "ValueError: bad: *************, ***" in report
    for text in (err, report):
        assert ("correct-horse" in text, shape in text) == (False, False)
