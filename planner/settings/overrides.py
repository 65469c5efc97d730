"""What the command line says on top of the settings: `--config key=value`, `--select` and `--ignore`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from planner.settings import Asked, Settings, SettingsError
from planner.settings.reading import COMMAND_LINE, check, decoded
from planner.settings.selectors import prefixes
from planner.settings.toml import parsed

_OF_TOML = frozenset("[]{}\"',=#")
"""Characters of a value that was meant as TOML."""


def overridden(settings: Settings, asked: Asked) -> Settings:
    """`settings` with what was `asked`. A key replaces the file's as a whole."""
    if asked.overrides:
        table = _table(asked.overrides)
        check(table, COMMAND_LINE)
        settings = decoded(table, settings, os.path.abspath(""), COMMAND_LINE)
    if asked.select:
        settings = settings._replace(select=prefixes(_each(asked.select), "--select"), extend_select=(), ignore=())
    ignored = prefixes(_each(asked.ignore), "--ignore", silences=True)
    return settings._replace(ignore=(*settings.ignore, *ignored))


def _each(values: Iterable[str]) -> list[str]:
    return [name for value in values for name in value.replace(",", " ").split()]


def _table(overrides: Iterable[str]) -> dict[str, Any]:
    """All of them in one table: `levels.FIT004=off` and `levels.TOK=info` are two keys of one."""
    found: dict[str, Any] = {}
    for text in overrides:
        _join(found, _parsed(text))
    if "extend" in found:
        raise SettingsError("--config: `extend` belongs in a file")
    return found


def _join(table: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        known = table.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _join(known, value)
        else:
            table[key] = value


def _parsed(text: str) -> dict[str, Any]:
    """`text` as a line of TOML; a value that is none, such as the word in fail-on=warning or a path, as a string."""
    key, sign, value = text.partition("=")
    where = f"--config {text[:80]}"
    if not sign or "\n" in text:
        raise SettingsError(f"{where}: not of the form key=value")
    try:
        return parsed(text.encode(errors="replace"), where)
    except SettingsError:
        if not value.strip() or not _OF_TOML.isdisjoint(value):
            raise
    return parsed(f"{key}={json.dumps(value.strip())}".encode(), where)
