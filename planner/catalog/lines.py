"""Data files with one JSON object per line, of which only the lines that are asked for are decoded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache

FOLDER = os.path.dirname(__file__)
LONGEST = 200
"""Characters of a name that can be a key."""


@lru_cache(maxsize=8)
def text(path: str) -> str:
    """The whole file in this folder, a newline before and behind every line."""
    with open(os.path.join(FOLDER, path), "rb") as file:
        return "\n" + file.read().decode("ascii")


@lru_cache(maxsize=8)
def folded(path: str) -> str:
    """The same in lower case; every character at the same place, the files being ASCII."""
    return text(path).lower()


def rows(path: str, needle: str = "", fold: bool = False) -> Iterator[Mapping[str, object]]:
    """The rows, in order, whose line contains `needle`; `fold`: in any case (`needle` is then in lower case)."""
    whole = text(path)
    searched = folded(path) if fold else whole
    at = searched.find(needle) if needle else 0
    while 0 <= at < len(whole) - 1:
        start = whole.rfind("\n", 0, at + 1)
        end = whole.index("\n", start + 1)
        yield json.loads(whole[start + 1 : end])
        at = searched.find(needle, end) if needle else end


def keyed(path: str, key: str, value: str) -> Mapping[str, object] | None:
    """The row that begins with `key` and this `value`, in any case, of a file that is sorted by it in lower case.

    A dozen lines are read, not the file.
    """
    wanted = f'{{"{key}":"{value}'.lower().encode()
    with open(os.path.join(FOLDER, path), "rb") as file:

        def line(offset: int) -> bytes:
            """The first that starts at `offset` or behind it."""
            file.seek(max(0, offset - 1))
            if offset:
                file.readline()
            return file.readline()

        low, high = 0, os.fstat(file.fileno()).st_size
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if _beginning(line(middle)) < wanted else (low, middle)
        found = line(low)
    row: Mapping[str, object] | None = json.loads(found) if _beginning(found) == wanted else None
    return row


def _beginning(line: bytes) -> bytes:
    """The first key and value of a row in lower case, without the last quote; above all others at the file's end."""
    return line.partition(b'",')[0].lower() or b"~"


def strings(value: object) -> tuple[str, ...]:
    """The strings of a list; empty for anything else."""
    return tuple(str(entry) for entry in value) if isinstance(value, list) else ()


def plain(name: str) -> bool:
    """Whether `name` can be a key at all: short, printable, nothing that JSON would escape."""
    return bool(name) and len(name) <= LONGEST and name.isprintable() and '"' not in name and "\\" not in name
