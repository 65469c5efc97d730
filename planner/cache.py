"""What earlier runs found, for files that have not changed since.

A JSON file per working folder in the user's cache, never in the repository: a pull request cannot bring one along.
Locally a file counts as unchanged by what the disk says of it; under CI, where every checkout has new times, by its
content (`planner.stamps`). An entry that rests on other files holds only while these are as they were. Crashes and
unreadable files are not kept.

Whoever can write the file decides what is found. One that belongs to somebody else, or that others can write, is none;
under CI, where jobs of strangers may share a home, there is one only where the command line says where.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

from planner import __version__
from planner.outcome import FOREIGN, Outcome, clean, decode, encode
from planner.record import NamedTuple
from planner.stamps import Stamps

if TYPE_CHECKING:
    from planner.check import Options
    from planner.discover import Found
    from planner.settings import Lookup, Settings

    Known = tuple[str, str, str, Any, dict[str, str]]
    """The name of a file, its stamp, its settings, what is known of it and the stamps of what that rests on."""
    Result = Outcome | Exception

LARGEST = 1 << 26
"""Bytes of a cache that is read."""
_SUM = b',"sum":'


class Content(NamedTuple):
    """What a cache holds."""

    files: dict[str, list[Any]]
    """By name: the stamp, the place of what is known in `known`, and those in `paths` of all else that it rests on."""
    known: list[list[Any]]
    """Settings, and what came of a file under them: None where it is not our business, the number of configs where it
    is clean, else all of it."""
    paths: dict[str, str]
    """Stamps."""


class Cache:
    """The outcomes of one working folder under one command line."""

    def __init__(self, file: str, key: str, by_content: bool) -> None:
        self._file = file
        self._key = key
        self._stamps = Stamps(by_content)
        self._settings: dict[str, str | None] = {}
        self._asked: dict[str, tuple[str | None, str]] = {}
        self._others: dict[str, str | None] = {}
        self._kept: dict[str, list[Any]] = {}
        self._aged = False
        self._new: list[Known] = []
        self._content = _load(file, key)
        self._outcomes: list[Outcome] = [_unfolded(what) for _, what in self._content.known]
        paths = enumerate(self._content.paths.items())
        self._stale = {place for place, (path, stamp) in paths if not self._stamps.still(path, stamp)}

    def get(self, found: Found, lookup: Lookup | None) -> Outcome | None:
        """What is known of a file; None where that is nothing, or out of date. Raises SettingsError."""
        file, name = found.file, _name(found)
        folder = os.path.dirname(file)
        if folder not in self._settings:
            self._settings[folder] = _plain(lookup.of(file) if lookup else None)
        settings, stamp = self._settings[folder], self._stamps.of(file)
        entry = self._content.files.get(name)
        if entry is None or not self._holds(entry, settings, file, stamp):
            self._asked[name] = settings, stamp
            return None
        if entry[0] != stamp:  # known by its content so far, and has aged enough to be known by its time
            self._aged, entry[0] = True, stamp
        self._kept[name] = entry
        place: int = entry[1]
        return self._outcomes[place]

    def _holds(self, entry: list[Any], settings: str | None, file: str, stamp: str) -> bool:
        return (
            self._content.known[entry[1]][0] == settings
            and (entry[0] == stamp or self._stamps.still(file, entry[0]))
            and (not self._stale or self._stale.isdisjoint(entry[2:]))
        )

    def put(self, found: Found, outcome: Outcome) -> None:
        """Keep what came of a file that was asked about, if that can be kept."""
        name = _name(found)
        settings, stamp = self._asked[name]
        if outcome.unreadable or outcome.failures or outcome.rests_on is None or settings is None or not stamp:
            return
        others = {path: seen for path in outcome.rests_on if (seen := self._of(path)) is not None}
        if len(others) == len(outcome.rests_on):
            self._new.append((name, stamp, settings, _folded(outcome), others))

    def save(self) -> None:
        """Write what is known of the files of this run, in one step; a cache that cannot be written is none."""
        if not self._new and not self._aged:
            return
        content = _numbered((*self._still_known(), *self._new))
        text = json.dumps({"key": self._key, **content._asdict()}, separators=(",", ":"))
        whole = f"{self._file}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self._file), mode=0o700, exist_ok=True)
            with open(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(signed(text.encode("ascii")))
            os.replace(whole, self._file)
        except OSError:
            return

    def _still_known(self) -> Iterator[Known]:
        paths = list(self._content.paths.items())
        for name, (stamp, place, *others) in self._kept.items():
            settings, what = self._content.known[place]
            yield name, stamp, settings, what, dict(paths[other] for other in others)

    def _of(self, path: str) -> str | None:
        """The stamp of a path that others rest on, taken once a run; None if it changed since this began."""
        if path not in self._others:
            self._others[path] = None if self._stamps.changed(path) else self._stamps.of(path)
        return self._others[path]


def find(options: Options, environment: Mapping[str, str], folder: str = "") -> Cache | None:
    """The cache of this working folder and these options, in `folder` or the user's own; None if there is neither."""
    from planner.catalog.model_row import default_file

    by_content = "CI" in environment
    folder = folder or ("" if by_content else _own(environment))
    if not folder:
        return None
    here = os.path.abspath("")
    stated = options._replace(stdin=None, settings=None, baseline=None, jobs=1, cache=None)
    key = json.dumps((__version__, installed(), Stamps(False).of(default_file()), here, stated), default=sorted)
    file = f"{crc32(os.fsencode(here)):08x}.json"
    return Cache(os.path.join(folder, file), key, by_content)


def _own(environment: Mapping[str, str]) -> str:
    """The user's folder for this (XDG Base Directory Specification: a path that is not absolute is none)."""
    stated, home = environment.get("XDG_CACHE_HOME", ""), os.path.expanduser("~")
    has_home = home.strip(os.sep) and os.path.isdir(home)
    above = stated if os.path.isabs(stated) else os.path.join(home, ".cache") if has_home else ""
    return above and os.path.join(above, "llm-config-planner")


def installed() -> list[int]:
    """How many files planner has, and when the last of them changed: a development version keeps its number."""
    folders, files, latest = [os.path.dirname(__file__)], 0, 0
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir():
                    files, latest = files + 1, max(latest, entry.stat().st_mtime_ns)
                elif entry.name != "__pycache__":
                    folders.append(entry.path)
    return [files, latest]


def _numbered(entries: Iterable[Known]) -> Content:
    files: dict[str, list[Any]] = {}
    known: list[list[Any]] = []
    paths: dict[str, str] = {}
    places: dict[object, int] = {}
    rows: dict[str, int] = {}
    for name, stamp, settings, what, others in entries:
        same = name if isinstance(what, list) else (settings, what)
        if same not in places:
            places[same] = len(known)
            known.append([settings, what])
        for path, seen in others.items():
            if path not in paths:
                rows[path], paths[path] = len(paths), seen
        files[name] = [stamp, places[same], *map(rows.__getitem__, others)]
    return Content(files, known, paths)


def signed(text: bytes) -> bytes:
    """A JSON object with one more key, the check sum of the others: no damage goes unnoticed."""
    return b"%b%b%d}" % (text[:-1], _SUM, crc32(text))


def unsigned(data: bytes) -> bytes:
    """What `signed` made `data` of. Raises ValueError if it did not."""
    text, _, signed = data.rpartition(_SUM)
    if signed != b"%d}" % crc32(text + b"}"):
        raise ValueError("damaged")
    return text + b"}"


def _load(file: str, key: str) -> Content:
    """What is in `file` if it is of `key`; nothing of one that is damaged, too large, not there or not ours alone."""
    try:
        with open(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
            content = json.loads(unsigned(stream.read())) if _is_ours(os.fstat(stream.fileno())) else {}
        if content.pop("key") == key:
            return Content(**content)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    return Content({}, [], {})


def _is_ours(status: os.stat_result) -> bool:
    """Whether it is a file that nobody else can have written."""
    alone = os.name == "nt" or (status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return alone and stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST


def _folded(outcome: Outcome) -> Any:
    """None for a file that is not our business, the number of configs for one that is clean, else all of it."""
    if outcome.source is None:
        return None
    plain = not (outcome.findings or outcome.not_checked or outcome.silenced or outcome.fail_on or outcome.parts)
    return outcome.checked if plain else encode(outcome._replace(rests_on=()))


def _unfolded(what: Any) -> Outcome:
    if what is None:
        return FOREIGN
    return clean(what) if isinstance(what, int) else decode(what)


def _name(found: Found) -> str:
    return f"={found.file}" if found.named else found.file


def _plain(settings: Settings | None) -> str | None:
    """Settings as JSON; None where a catalogue of their own may change unseen."""
    return None if settings and settings.catalog else json.dumps(settings, default=sorted)


def through(
    cache: Cache, files: Sequence[Found], lookup: Lookup | None, work: Callable[[Sequence[Found]], Iterator[Result]]
) -> Iterator[Result]:
    """What came of each of `files`: what is known, and `work` on the others, which is kept."""
    known = [cache.get(found, lookup) for found in files]
    fresh = work([found for found, outcome in zip(files, known, strict=True) if outcome is None])
    for found, outcome in zip(files, known, strict=True):
        if outcome is not None:
            yield outcome
            continue
        result = next(fresh)
        if isinstance(result, Outcome):
            cache.put(found, result)
        yield result
    cache.save()
