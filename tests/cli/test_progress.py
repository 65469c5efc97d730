"""The progress bar, and what is looked at."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.cli import main, progress

Output = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_a_pipe_sees_no_bar(stream: io.StringIO | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SOON", 0.0)
    monkeypatch.setattr("sys.stderr", stream)
    (tmp_path / "a.yaml").write_text("model: {parameters: 7B}\n")
    assert main(["lint", str(tmp_path)]) == 0
    assert not stream or stream.getvalue() == ""


def test_a_short_run_has_no_bar() -> None:
    stream = Terminal()
    with progress.shown(10, stream) as told:
        told(10)
    assert stream.getvalue() == ""


def test_a_long_run_has_one_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SOON", 0.0)
    stream = Terminal()
    with progress.shown(10, stream) as told:
        told(5)
    assert "5/10" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K\x1b[?25h")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("planner.toml").write_text('exclude = ["vendor/**"]\n')
    Path("vendor").mkdir()
    for name in ("a.yaml", "b.json", "notes.txt", "vendor/c.yaml"):
        Path(name).write_text("{}")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["a.yaml", "b.json", "planner.toml"]),
        (["vendor/c.yaml"], ["vendor/c.yaml"]),
        (["vendor/c.yaml", "a.yaml", "--force-exclude"], ["a.yaml"]),
    ],
)
def test_the_files_that_would_be_looked_at(arguments: list[str], expected: list[str], capsys: Output) -> None:
    assert main(["lint", "--show-files", *arguments]) == 0
    assert capsys.readouterr().out.splitlines() == expected


@pytest.mark.usefixtures("folder")
def test_the_name_of_standard_input_decides_its_settings_and_its_syntax(
    monkeypatch: pytest.MonkeyPatch, capsys: Output, feed: Callable[[bytes], None]
) -> None:
    content = b"FROM llama3.1:8b\nPARAMETER num_ctx 8192\n"
    for name, checked in (("Modelfile", "checked 1 config"), ("x.yaml", "checked 0 configs")):
        feed(content)
        main(["lint", "-", "--stdin-filename", name])
        assert checked in capsys.readouterr().out
    feed(content)
    assert main(["lint", "-", "--stdin-filename", "vendor/Modelfile", "--force-exclude"]) == 0
    assert "skipped 1 file" in capsys.readouterr().out
