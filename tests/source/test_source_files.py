"""Files: which are read, which are not, and what is said of them."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from planner.source import read
from planner.source.limits import MAX_BYTES


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    source = read(str(tmp_path / "a.yaml"))
    assert (source.text, source.problems) == ("a: 1\n", ())
    assert [document.data for document in source.documents] == [{"a": 1}]
    assert source.documents[0].file == source.file == str(tmp_path / "a.yaml")


def test_a_link_is_read_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    source = read(str(tmp_path / "b.yaml"))
    assert (source.file, source.documents[0].data) == (str(tmp_path / "b.yaml"), {"a": 1})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.yaml", "no such file"),
        ("folder.yaml", "a directory"),
        ("fifo.yaml", "a FIFO"),
        ("socket.yaml", "no such device"),
        ("dangling.yaml", "no such file"),
        ("loop.yaml", "symbolic links"),
        ("plain.yaml/x.yaml", "not a directory"),
        ("nul\0.yaml", "null"),
        ("x" * 300 + ".yaml", "too long"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="has other kinds of files")
def test_what_is_no_regular_file_is_said_and_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.yaml").mkdir()
    os.mkfifo("fifo.yaml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
    Path("dangling.yaml").symlink_to("nowhere")
    Path("loop.yaml").symlink_to("loop.yaml")
    Path("plain.yaml").write_text("a: 1")
    for wanted in (None, lambda text: False):
        source = read(name, None, wanted)
        assert source is not None
        (problem,) = source.problems
        assert (problem.rule, problem.fatal, problem.span) == ("CFG002", True, (1, 1, 1, 1))
        assert words in problem.message
        assert (source.file, source.text, source.documents) == (name, "", ())


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="the system has no such device")
def test_a_device_is_not_read() -> None:
    assert "a device" in read("/dev/zero").problems[0].message


def test_a_file_that_may_not_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert "permission denied" in read("secret.yaml").problems[0].message


def test_a_file_that_fails_while_it_is_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\n")

    def fail(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", fail)
    assert "input/output error" in read(str(tmp_path / "a.yaml")).problems[0].message


def test_no_more_is_read_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(MAX_BYTES * 100)
    got = []
    original = os.read
    monkeypatch.setattr(os, "read", lambda handle, size: got.append(part := original(handle, size)) or part)
    (problem,) = read(str(tmp_path / "big.yaml")).problems
    assert problem.rule == "CFG003"
    assert "4 MiB" in problem.message
    assert sum(map(len, got)) <= MAX_BYTES + 1


def test_what_is_not_wanted_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.source.reader._parse", lambda *_: pytest.fail("parsed"))
    seen = []
    assert read("x.yaml", b"on: push", seen.append) is None
    assert seen == ["on: push"]


def test_what_is_wanted_is_parsed() -> None:
    source = read("x.yaml", b"model: {}", lambda text: "model" in text)
    assert source is not None
    assert source.documents[0].data == {"model": {}}


@pytest.mark.parametrize("data", [b"caf\xe9: 1", b"\0\xff", b"x" * (MAX_BYTES + 1)], ids=["Latin-1", "binary", "huge"])
def test_of_what_is_not_wanted_nothing_is_said(data: bytes) -> None:
    assert read("x.yaml", data, lambda text: "model" in text) is None


def test_a_huge_file_that_is_wanted_is_said() -> None:
    source = read("x.yaml", b"model: 1\n" + b"#" * MAX_BYTES, lambda text: "model" in text)
    assert source is not None
    assert [problem.rule for problem in source.problems] == ["CFG003"]
