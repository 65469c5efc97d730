"""Formats and rules of others: installed packages name them in the entry-point groups of `GROUPS`.

importlib.metadata takes 25 ms to find none, so the few bytes that matter are looked for here, in the folders that
packages are installed to and nowhere else: nothing of a repository under lint is ever loaded.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from planner.record import NamedTuple
from planner.settings import SettingsError

if TYPE_CHECKING:
    from planner.formats.registry import Format
    from planner.rules.registry import Rule

FORMATS, RULES = GROUPS = ("planner.formats", "planner.rules")
INSTALLED = ("site-packages", "dist-packages")
"""What the folders are called that packages are installed to."""
LARGEST = 1 << 16
"""Bytes of the entry points of a package that are looked at."""
_ENTRY = r"([^=#;\[\s][^=]*?)\s*=\s*([\w.]+)\s*(?::\s*(\w+))?"

_off = False


class PluginError(SettingsError):
    """A plugin that cannot be used. The message names it, and the way to do without."""


class Plugin(NamedTuple):
    """One entry point."""

    distribution: str
    """Name and version of the package: "acme-planner 1.0"."""
    group: str
    name: str
    module: str
    attribute: str
    """Of the module; empty for the module itself."""


def switch(on: bool) -> bool:
    """Use plugins or do without. Returns whether they were in use."""
    global _off
    before, _off = not _off, not on
    return before


def found() -> tuple[Plugin, ...]:
    """The plugins in use, by package; none of those that are installed where they are switched off."""
    return () if _off else _installed(tuple(sys.path))


@lru_cache(maxsize=4)
def _installed(path: tuple[str, ...]) -> tuple[Plugin, ...]:
    """The plugins in the folders of `path`; of a package that is there twice the one that Python imports."""
    by_package: dict[str, list[Plugin]] = {}
    for folder in dict.fromkeys(path):
        if os.path.basename(os.path.normpath(folder)) in INSTALLED:
            for package, text in _stated(folder):
                name, _, version = package.partition("-")
                key = re.sub(r"[-_.]+", "-", name).lower()
                by_package.setdefault(key, list(_entries(text, f"{name.replace('_', '-')} {version}")))
    return tuple(plugin for _, plugins in sorted(by_package.items()) for plugin in plugins)


def _stated(folder: str) -> Iterator[tuple[str, str]]:
    """Name and version, and the entry points, of the packages in `folder` that have some for planner."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if not name.endswith(".dist-info"):
            continue
        try:
            file = os.open(os.path.join(folder, name, "entry_points.txt"), os.O_RDONLY)
        except OSError:
            continue
        try:
            data = os.read(file, LARGEST)
        except OSError:
            continue
        finally:
            os.close(file)
        if b"[planner." in data.replace(b" ", b""):
            yield name.removesuffix(".dist-info"), data.decode("utf-8", "replace")


def _entries(text: str, package: str) -> Iterator[Plugin]:
    """The entry points of planner's groups in an entry_points.txt."""
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] ")
        elif group in GROUPS and (entry := re.fullmatch(_ENTRY, line.partition("#")[0].strip())):
            yield Plugin(package, group, entry[1], entry[2], entry[3] or "")


def formats() -> tuple[Format, ...]:
    """The formats of plugins. Raises PluginError for one that cannot be loaded."""
    plugins = found()
    return _formats(plugins) if plugins else ()


@lru_cache(maxsize=4)
def _formats(plugins: tuple[Plugin, ...]) -> tuple[Format, ...]:
    from planner.formats.registry import Format

    rows = []
    for plugin in plugins:
        if plugin.group == FORMATS:
            row = _loaded(plugin)
            if not isinstance(row, Format):
                raise _unusable(plugin, f"{type(row).__name__} is no planner.formats.registry.Format")
            rows.append(row)
    return tuple(rows)


def rules() -> dict[str, Rule]:
    """The rules of plugins by code. Raises PluginError for one that cannot be loaded."""
    plugins = found()
    return _rules(plugins) if plugins else {}


@lru_cache(maxsize=4)
def _rules(plugins: tuple[Plugin, ...]) -> dict[str, Rule]:
    from planner.rules import registry

    for plugin in plugins:
        if plugin.group == RULES:
            _loaded(plugin)
    return {code: rule for code, rule in registry.RULES.items() if not registry.is_own(rule)}


def _loaded(plugin: Plugin) -> object:
    try:
        module = import_module(plugin.module)
        return getattr(module, plugin.attribute) if plugin.attribute else module
    except Exception as error:  # whatever others' code does, it is said whose it is
        raise _unusable(plugin, f"{type(error).__name__}: {error}") from error


def _unusable(plugin: Plugin, why: str) -> PluginError:
    where = f"{plugin.group}: {plugin.name}"
    return PluginError(f"the plugin {plugin.distribution} ({where}) cannot be used: {why}\n--no-plugins does without")


def blamed(error: BaseException) -> str:
    """The package of the plugin in whose code `error` was raised; empty if it was planner's own.

    An error of another process has no traceback and says so itself.
    """
    if isinstance(stated := getattr(error, "plugin", None), str):
        return stated
    packages = {plugin.module.partition(".")[0]: plugin.distribution for plugin in found()}
    trace, name = error.__traceback__, ""
    while trace is not None:
        name = packages.get(str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0], name)
        trace = trace.tb_next
    return name
