"""What earlier runs found, for files that have not changed since.

A JSON file per working folder in the user's cache, never in the repository: a pull request cannot bring one along.
Locally a file counts as unchanged by its size and time; under CI, where every checkout has new times, by its content.
An entry that rests on other files holds only while these are as they were. Crashes and unreadable files are not kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from planner import __version__, disk
from planner.outcome import FOREIGN, Outcome, decode, encode
from planner.source.document import Source

if TYPE_CHECKING:
    from planner.check import Options
    from planner.discover import Found
    from planner.settings import Lookup, Settings

    Result = Outcome | Exception

LARGEST = 1 << 26
"""Bytes of a cache that is read."""


class Cache:
    """The outcomes of one working folder under one command line."""

    def __init__(self, file: str, key: str, by_content: bool) -> None:
        self._file = file
        self._key = key
        self._stamp = _content if by_content else _time
        self._entries: dict[str, list[Any]] = _load(file, key)
        self._kept: dict[str, list[Any]] = {}
        self._stamps: dict[str, Any] = {}
        self._settings: dict[int, str] = {}
        self._changed = False

    def get(self, found: Found, settings: Settings | None) -> Outcome | None:
        """What is known of a file; None where that is nothing, or out of date."""
        entry = self._entries.get(_name(found))
        if entry is None or entry[0] != self._stamp(found.file) or entry[1] != self._fingerprint(settings):
            return None
        if any(self._of(path) != stamp for path, stamp in entry[2].items()):
            return None
        try:
            outcome = _unfolded(found.file, entry[3])
        except (TypeError, ValueError):
            return None
        self._kept[_name(found)] = entry
        return outcome

    def put(self, found: Found, settings: Settings | None, outcome: Outcome) -> None:
        """Keep what came of a file, if that can be kept."""
        stamp = self._stamp(found.file)
        if (
            outcome.unreadable
            or outcome.failures
            or outcome.rests_on is None
            or stamp is None
            or (settings and settings.catalog)
        ):
            return
        others = {path: self._of(path) for path in outcome.rests_on}
        self._kept[_name(found)] = [stamp, self._fingerprint(settings), others, _folded(outcome)]
        self._changed = True

    def save(self) -> None:
        """Write what was kept, in one step; a cache that cannot be written is none."""
        if not self._changed and len(self._kept) == len(self._entries):
            return
        try:
            os.makedirs(os.path.dirname(self._file), mode=0o700, exist_ok=True)
            whole = f"{self._file}.{os.getpid()}"
            with open(whole, "w", encoding="utf-8") as file:
                file.write(json.dumps({"key": self._key, "files": self._kept}, separators=(",", ":")))
            os.replace(whole, self._file)
        except OSError:
            return

    def _of(self, path: str) -> Any:
        """The stamp of a path that others rest on, taken once a run."""
        if path not in self._stamps:
            self._stamps[path] = self._stamp(path)
        return self._stamps[path]

    def _fingerprint(self, settings: Settings | None) -> str:
        """What distinguishes settings; the same object is asked about often."""
        if id(settings) not in self._settings:
            self._settings[id(settings)] = _digest(json.dumps(settings, default=sorted))
        return self._settings[id(settings)]


def find(options: Options, environment: Mapping[str, str], folder: str = "") -> Cache:
    """The cache of this working folder and these options, in `folder` or the user's own."""
    from planner.catalog.model_row import default_file

    home = environment.get("XDG_CACHE_HOME") or os.path.expanduser(os.path.join("~", ".cache"))
    file = f"{_digest(os.path.abspath(''))}.json"
    stated = options._replace(stdin=None, settings=None, baseline=None, jobs=1, cache=None)
    key = _digest(json.dumps((__version__, _installed(), _time(default_file()), stated), default=sorted))
    return Cache(os.path.join(folder or os.path.join(home, "llm-config-planner"), file), key, "CI" in environment)


def _installed() -> Any:
    """Stamps of planner's own folders: a development version changes without a new number."""
    here = os.path.dirname(__file__)
    return [_time(entry.path) for entry in sorted(os.scandir(here), key=lambda entry: entry.name)]


def _folded(outcome: Outcome) -> Any:
    """None for a file that is not our business, the number of configs for one that is clean, else all of it."""
    if outcome.source is None:
        return None
    clean = not (outcome.findings or outcome.not_checked or outcome.silenced or outcome.fail_on or outcome.parts)
    return outcome.checked if clean else encode(outcome._replace(rests_on=()))


def _unfolded(file: str, row: Any) -> Outcome:
    if row is None:
        return FOREIGN
    return Outcome(Source(file), checked=row) if isinstance(row, int) else decode(row)


def _name(found: Found) -> str:
    return ("=" if found.named else "") + found.file


def _load(file: str, key: str) -> dict[str, list[Any]]:
    """The entries in `file` if they are of `key`; none of a file that is damaged, too large or not there."""
    try:
        if os.path.getsize(file) > LARGEST:
            return {}
        with open(file, encoding="utf-8") as stream:
            found = json.load(stream)
        entries = found["files"] if found["key"] == key else {}
        return {name: entry for name, entry in entries.items() if _is_entry(entry)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 4 and isinstance(entry[2], dict)


def _time(path: str) -> Any:
    """Time and size of what is at `path`; None if there is nothing."""
    if path in disk.pending:
        return _digest(disk.pending[path])
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return [found.st_mtime_ns, found.st_size, found.st_mode]


def _content(path: str) -> Any:
    """A digest of the file at `path`, of the names in a folder; None if there is nothing."""
    from planner.source.files import Unreadable, read_bytes

    if os.path.isdir(path):
        return _digest("\0".join(disk.listed(path)))
    try:
        return _digest(read_bytes(path))
    except Unreadable:
        return None


def _digest(text: str | bytes) -> str:
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text, digest_size=12).hexdigest()


def through(
    cache: Cache, files: Sequence[Found], lookup: Lookup | None, work: Callable[[Sequence[Found]], Iterator[Result]]
) -> Iterator[Result]:
    """What came of each of `files`: what is known, and `work` on the others, which is kept."""
    settings = [lookup.of(found.file) if lookup else None for found in files]
    known = [cache.get(found, each) for found, each in zip(files, settings, strict=True)]
    fresh = work([found for found, outcome in zip(files, known, strict=True) if outcome is None])
    for found, each, outcome in zip(files, settings, known, strict=True):
        if outcome is not None:
            yield outcome
            continue
        result = next(fresh)
        if isinstance(result, Outcome):
            cache.put(found, each, result)
        yield result
    cache.save()
