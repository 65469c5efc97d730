"""Which files are looked at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from planner.discover import Found, find

FILES = [
    "a.yaml", "b.yml", "c.json", "d.YAML", "Modelfile", "e.modelfile", "notes.md", "data.jsonl",
    ".pre-commit-config.yaml", "sub/f.yaml", "sub/deep/g.yaml", "node_modules/n.yaml", "sub/.venv/v.yaml",
    "__pycache__/p.json", "ignored.yaml", "build/h.yaml", "yaml",
]  # fmt: skip
CONFIGS = [
    ".pre-commit-config.yaml",
    "Modelfile",
    "a.yaml",
    "b.yml",
    "c.json",
    "d.YAML",
    "e.modelfile",
    "sub/deep/g.yaml",
    "sub/f.yaml",
]
IGNORED = ["build/h.yaml", "ignored.yaml"]


def git(*args: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *args], check=True, capture_output=True)


@pytest.fixture(name="tree")
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a: 1\n")
    (tmp_path / ".gitignore").write_text("ignored.yaml\nbuild/\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture(name="repository")
def _repository(tree: Path) -> Path:
    git("init", "-q")
    git("add", "a.yaml", "sub/f.yaml")
    return tree


def files(*paths: str) -> list[str]:
    return [found.file for found in find(paths)]


@pytest.mark.parametrize(
    "path", ["a.yaml", "notes.md", "ignored.yaml", "node_modules/n.yaml", "missing.yaml", "-", "missing/"]
)
def test_what_is_named_is_passed_through(repository: Path, path: str) -> None:
    assert list(find([path])) == [Found(path, named=True)]


def test_no_path_is_no_file() -> None:
    assert list(find([])) == []


def test_a_folder_is_walked_sorted(tree: Path) -> None:
    assert list(find(["."])) == [Found(name, named=False) for name in sorted(CONFIGS + IGNORED)]


def test_in_a_repository_git_says_what_is_there(repository: Path) -> None:
    assert list(find(["."])) == [Found(name, named=False) for name in CONFIGS]


def test_below_the_top_of_a_repository_its_rules_hold(repository: Path) -> None:
    (repository / "sub" / "ignored.yaml").write_text("a: 1\n")
    assert files("sub") == ["sub/deep/g.yaml", "sub/f.yaml"]


@pytest.mark.parametrize("folder", ["sub", "sub/", "./sub", "../{}/sub"])
def test_files_are_called_as_their_folder_was(repository: Path, folder: str) -> None:
    folder = folder.format(repository.name)
    assert files(folder) == [os.path.join(folder, "deep/g.yaml"), os.path.join(folder, "f.yaml")]


def test_an_absolute_folder_has_absolute_files(repository: Path) -> None:
    assert files(str(repository / "sub")) == [str(repository / "sub/deep/g.yaml"), str(repository / "sub/f.yaml")]


def test_an_ignored_folder_that_is_named_is_walked(repository: Path) -> None:
    assert files("build") == ["build/h.yaml"]


def test_a_file_is_found_once(repository: Path) -> None:
    assert files("sub", "sub/deep", "./sub/") == ["sub/deep/g.yaml", "sub/f.yaml"]


@pytest.mark.parametrize("order", [["sub", "sub/f.yaml"], ["./sub/f.yaml", "sub"]])
def test_what_is_named_and_found_is_named(repository: Path, order: list[str]) -> None:
    assert sorted((os.path.normpath(found.file), found.named) for found in find(order)) == [
        ("sub/deep/g.yaml", False),
        ("sub/f.yaml", True),
    ]


def test_a_file_that_git_knows_and_is_gone_is_left_out(repository: Path) -> None:
    (repository / "a.yaml").unlink()
    assert "a.yaml" not in files(".")


def test_a_repository_within_is_looked_into(repository: Path) -> None:
    git("init", "-q", "sub/deep")
    (repository / "sub/deep/.gitignore").write_text("i.yaml\n")
    (repository / "sub/deep/i.yaml").write_text("a: 1\n")
    assert files("sub") == ["sub/deep/g.yaml", "sub/f.yaml"]


def test_links_to_folders_are_not_followed(tree: Path) -> None:
    (tree / "sub" / "loop").symlink_to(tree)
    (tree / "sub" / "link.yaml").symlink_to("f.yaml")
    (tree / "sub" / "dangling.yaml").symlink_to("nowhere")
    expected = ["sub/deep/g.yaml", "sub/f.yaml", "sub/link.yaml"]
    assert files("sub") == expected
    git("init", "-q")
    assert files("sub") == expected


def test_what_is_no_regular_file_is_not_found(tree: Path) -> None:
    os.mkfifo("sub/fifo.yaml")
    (tree / "sub" / "folder.yaml").mkdir()
    assert files("sub") == ["sub/deep/g.yaml", "sub/f.yaml"]


def test_names_of_every_kind_are_found(repository: Path) -> None:
    names = [b"a b.yaml", "é.yaml".encode(), b"\xff.yaml", b"new\nline.yaml", b"-x.yaml", b'"q".yaml']
    (repository / "odd").mkdir()
    for name in names:
        Path(os.fsdecode(b"odd/" + name)).write_text("a: 1\n")
    assert sorted(os.fsencode(name) for name in files("odd")) == sorted(b"odd/" + name for name in names)


def test_without_git_the_folder_is_walked(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert files(".") == sorted(CONFIGS + IGNORED)


def test_a_broken_repository_is_walked(tree: Path) -> None:
    (tree / ".git").write_text("gitdir: /nowhere\n")
    assert files(".") == sorted(CONFIGS + IGNORED)


def test_outside_of_a_repository_git_is_not_started(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("started"))
    monkeypatch.setattr("planner.discover._in_repository", lambda folder: False)
    assert files("sub") == ["sub/deep/g.yaml", "sub/f.yaml"]


def test_in_a_hook_the_folder_counts_not_the_repository_of_the_hook(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    git("init", "-q", str(other))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert files(".") == CONFIGS


def test_a_repository_cannot_have_anything_run(repository: Path) -> None:
    hook = repository / "hook.sh"
    hook.write_text("#!/bin/sh\ntouch ran\n")
    hook.chmod(0o755)
    git("config", "core.fsmonitor", str(hook))
    assert files(".") == CONFIGS
    assert not (repository / "ran").exists()


def test_a_folder_that_may_not_be_looked_into_is_found_itself(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, it cannot be read, which fails the run; below another one it is not checked, which is said."""
    scandir = os.scandir

    def closed(folder: str) -> object:
        if folder.endswith("deep"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", closed)
    assert Found("sub/deep", False) in find(["sub"])
    assert list(find(["sub/deep"])) == [Found("sub/deep", True)]
    assert Found("sub/deep", True) in find(["a.yaml", "sub/deep"])


def test_what_git_may_not_look_into_is_found_itself(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = b"warning: could not open directory 'sub/deep/': Permission denied\n"
    listed = subprocess.CompletedProcess([], 0, b"a.yaml\0sub/f.yaml\0", said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: listed)
    assert files(".") == ["a.yaml", "sub/deep", "sub/f.yaml"]


def test_a_file_behind_a_closed_door_is_not_taken_for_gone(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = os.stat

    def closed(path: str, **how: bool) -> os.stat_result:
        if path == "sub/f.yaml":
            raise PermissionError(13, "Permission denied")
        return stat(path, **how)

    monkeypatch.setattr(os, "stat", closed)
    assert "sub/f.yaml" in files(".")
