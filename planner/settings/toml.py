"""The table of settings in a TOML file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from planner.settings import SettingsError

PYPROJECT = "pyproject.toml"


def section(path: str) -> Mapping[str, object] | None:
    """What `path` says of planner; None for a pyproject.toml without [tool.planner]. Raises SettingsError."""
    data = _bytes(path)
    if os.path.basename(path) != PYPROJECT:
        return parsed(data, path)
    if not _may_hold_settings(data):
        return None
    tool = parsed(data, path).get("tool")
    found = tool.get("planner") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise SettingsError(f"{path}: `tool.planner` is not a table")
    return found


def _may_hold_settings(data: bytes) -> bool:
    """Whether a pyproject.toml may have `tool.planner`: most have not, and are not worth parsing.

    Its name stands on the line of the table, `[tool.planner]`, or below a bare `[tool]` or `tool = {`.
    """
    if b"planner" not in data:
        return False
    lines = data.split(b"\n")
    return any(b"tool" in line and (b"planner" in line or b"." not in line) for line in lines)


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """The document in `data`. Raises SettingsError, with the place in `where`."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    from planner.source.toml_reader import deep_key, has_many_marks

    try:
        text = data.decode("utf-8-sig")
        if not has_many_marks(text) and deep_key(text) is None:
            found: dict[str, Any] = tomllib.loads(text)
            return found
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where}: not valid TOML: {error}") from error
    raise SettingsError(f"{where}: it has too many keys, or a key of too many parts, for settings")


def _bytes(path: str) -> bytes:
    from planner.source.files import Unreadable, read_bytes
    from planner.source.limits import MAX_BYTES

    try:
        data = read_bytes(path)
    except Unreadable as reason:
        raise SettingsError(f"{path}: {reason}") from None
    if len(data) > MAX_BYTES:
        raise SettingsError(f"{path}: too large for settings")
    return data
