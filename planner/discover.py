"""Which files to look at: those that are named, and in folders those whose name says that they may hold a config."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence

from planner.record import NamedTuple

SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".modelfile")
NAMES = frozenset(("modelfile",))
SKIPPED = frozenset((".git", "node_modules", ".venv", "__pycache__"))
"""Folders that hold nothing of one's own."""

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
"""Variables that git sets for its hooks; they would make it look at the repository of the hook from any folder."""
_LIST = (
    "git",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "safe.bareRepository=explicit",
    "ls-files",
    "-coz",
    "--exclude-standard",
)
"""Nothing that a repository brings along is run."""


class Found(NamedTuple):
    """A file to look at."""

    file: str
    named: bool
    """By the user, rather than found in a folder."""


def find(paths: Sequence[str]) -> Iterator[Found]:
    """The files that `paths` name and those in the folders among them, each once; "-" and missing files pass through.

    In a git work tree git says which files a folder has, so that what is ignored stays out; elsewhere it is walked.
    A folder that may not be looked into is found itself, so that it is said.
    """
    if len(paths) == 1 and os.path.isdir(paths[0]):
        yield from (Found(file, file == paths[0]) for file in _in_folder(paths[0]))
        return
    seen = set[str]()
    named = {os.path.normpath(path) for path in paths if not os.path.isdir(path)}
    for path in paths:
        is_folder = os.path.isdir(path)
        for file in _in_folder(path) if is_folder else (path,):
            key = os.path.normpath(file)
            if key not in seen and not (is_folder and key in named):
                seen.add(key)
                yield Found(file, file == path)


def _in_folder(folder: str) -> list[str]:
    """Files in `folder` and below, sorted by path. One that git ignores was named on purpose: it is walked."""
    files: list[str] = []
    folders = [folder]
    for each in folders:
        listed, closed = _listed(each) if _in_repository(each) else ((), [])
        files += (_join(each, name) for name in closed)
        if not listed:
            files += _walk(each)
            continue
        for name in listed:
            if name.endswith("/"):
                folders.append(_join(each, name[:-1]))
            elif _may_be_config(name) and _is_file(path := _join(each, name)):
                files.append(path)
    return sorted(files)


def _is_file(path: str) -> bool:
    """Whether there is a file at `path`, or there may be one in a folder that may not be looked into."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _may_be_config(name: str) -> bool:
    return _is_kept(name) and SKIPPED.isdisjoint(name.split("/")[:-1])


def _is_kept(name: str) -> bool:
    """Whether the last part of a path ends as a config does, or is a name that a config has."""
    name = name.lower()
    return name.endswith(SUFFIXES) or name.rpartition("/")[2] in NAMES


def _in_repository(folder: str) -> bool:
    """Whether asking git is worth starting it."""
    return repository(folder) is not None


def repository(folder: str) -> str | None:
    """The full path of `folder`, or of the closest one above it, that has a `.git`."""
    at = os.path.abspath(folder)
    while not os.path.lexists(os.path.join(at, ".git")):
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above
    return at


def _listed(folder: str) -> tuple[Iterable[str], list[str]]:
    """What git keeps or would keep in `folder`, relative to it, and the folders that it may not look into.

    Repositories within end in "/". Nothing where git cannot say.
    """
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(_LIST, cwd=folder, env=environment, capture_output=True, check=False)
    except OSError:
        return (), []
    if done.returncode != 0:
        return (), []
    closed = re.findall(rb"could not open directory '(.+?)/?': ", done.stderr) if done.stderr else []
    return dict.fromkeys(os.fsdecode(name) for name in done.stdout.split(b"\0") if name), list(map(os.fsdecode, closed))


def _walk(folder: str) -> Iterator[str]:
    """Configs below `folder`, without following links to folders."""
    folders = [folder]
    for each in folders:
        entries = _entries(each)
        if entries is None:
            yield each
            continue
        inside = _join(each, "")
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if name not in SKIPPED:
                    folders.append(inside + name)
            elif _is_kept(name) and (entry.is_file(follow_symlinks=False) or os.path.isfile(entry.path)):
                yield inside + name


def _entries(folder: str) -> list[os.DirEntry[str]] | None:
    """What is in a folder; None where one may not look, nothing where it is gone."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except PermissionError:
        return None
    except OSError:
        return []


def _join(folder: str, name: str) -> str:
    name = name if os.sep == "/" else name.replace("/", os.sep)
    return name if folder == "." else folder + name if folder.endswith(os.sep) else f"{folder}{os.sep}{name}"
