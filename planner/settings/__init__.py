"""`[tool.planner]` in pyproject.toml, or planner.toml: which rules, how strict, on what hardware.

The closest file to each linted file wins, nothing is merged, `extend` is explicit. No setting runs code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.workload import Hardware

BASELINE = "planner-baseline.json"
"""Where known findings are counted unless something else is said, in the current folder."""
NAMES = ("planner.toml", "pyproject.toml")
"""Looked for in each folder from the file upwards, in this order; a pyproject.toml counts only with [tool.planner]."""


class SettingsError(ValueError):
    """Settings that cannot be used. The message names the file and the key."""


class Glob(NamedTuple):
    """A pattern of files, "train/**", and the folder that it is relative to."""

    root: str
    pattern: str


class Profile(NamedTuple):
    """Hardware of the configs that state none."""

    files: tuple[Glob, ...]
    """The configs that it is for; empty = all."""
    hardware: Hardware
    note: str
    """Where the profile stands, for people."""


class Thresholds(NamedTuple):
    """Where rules draw their lines, where that is not where they draw them themselves."""

    headroom: float | None = None
    """Share of a device's memory that should stay free (FIT004, FIT012)."""
    tokens_per_parameter: float | None = None
    """Training tokens per (active) parameter that are enough (TOK001)."""
    epochs: float | None = None
    """Passes over the data that are fine (TOK002)."""


class Settings(NamedTuple):
    """What a project asks for: the keys of the settings' schema. Rules are codes and prefixes of codes."""

    file: str | None = None
    """The file that states them."""
    select: tuple[str, ...] = ()
    """Empty = every rule."""
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[Glob, tuple[str, ...]], ...] = ()
    levels: tuple[tuple[str, str], ...] = ()
    """(rule, level): error, warning, info or off."""
    exclude: tuple[Glob, ...] = ()
    fail_on: str | None = None
    thresholds: Thresholds = Thresholds()
    hardware: tuple[Profile, ...] = ()
    catalog: tuple[str, ...] = ()
    """Absolute paths."""
    baseline: str | None = None
    """The absolute path of the file that counts known findings."""


class Asked(NamedTuple):
    """What the command line says of settings."""

    isolated: bool = False
    """No file is looked for."""
    overrides: tuple[str, ...] = ()
    """key=value, as in a file."""
    select: tuple[str, ...] = ()
    """Only these rules, whatever a file selects or ignores."""
    ignore: tuple[str, ...] = ()
    """Nor these."""


DEFAULT = Settings()


class Lookup:
    """The settings of files, found once per folder. Raises SettingsError for those that cannot be used."""

    def __init__(self, asked: Asked = Asked()) -> None:  # noqa: B008  a tuple
        self._asked = asked
        self._as_stated = not any(asked[1:])
        self._called: dict[str, Settings] = {}
        self._stated: dict[str, Settings] = {}
        self._asked_for: dict[str | None, Settings] = {}

    def of(self, file: str) -> Settings:
        """The settings of `file`: of the closest settings upwards, else the defaults; with what was asked on top."""
        found = DEFAULT if self._asked.isolated else self._beside(os.path.dirname(file))
        if self._as_stated:
            return found
        if found.file not in self._asked_for:
            from planner.settings.overrides import overridden

            self._asked_for[found.file] = overridden(found, self._asked)
        return self._asked_for[found.file]

    def names_a_baseline(self) -> bool:
        """Whether any settings found so far do."""
        return any(found.baseline for found in (*self._stated.values(), *self._asked_for.values()))

    def _beside(self, folder: str) -> Settings:
        """Of a folder as it is called; `_closest` knows it by its full path."""
        known = self._called.get(folder)
        if known is None:
            known = self._called[folder] = self._closest(os.path.abspath(folder))
        return known

    def _closest(self, folder: str) -> Settings:
        known = self._stated.get(folder)
        if known is None:
            known = self._stated[folder] = self._in(folder) or self._above(folder)
        return known

    def _above(self, folder: str) -> Settings:
        parent = os.path.dirname(folder)
        return DEFAULT if parent == folder else self._closest(parent)

    def _in(self, folder: str) -> Settings | None:
        for name in NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                from planner.settings.toml import section

                table = section(path)
                if table is not None:
                    from planner.settings.reading import stated

                    return stated(table, path)
        return None
