"""Defaults of serving engines by version, for what a config leaves out."""

from __future__ import annotations

from functools import lru_cache

from planner.catalog import lines

FILE = "engines.jsonl"


@lru_cache(maxsize=256)
def default(engine: str, version: tuple[int, ...] | None, key: str) -> tuple[int | float | str, str] | None:
    """The value of `key` (the engine's own name, underscored) and a note; the newest where no version is known."""
    found = None
    for row in lines.rows(FILE, f'{{"engine":"{engine}",') if lines.plain(engine) else ():
        since = row.get("since")
        first = tuple(since) if isinstance(since, list) else ()
        if row["key"] == key and (version is None or first <= version):
            found = row
    if found is None:
        return None
    value = found["value"]
    assert isinstance(value, (int, float, str))
    return value, str(found["note"])
