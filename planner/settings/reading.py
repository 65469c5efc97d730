"""From a table of settings to `Settings`, checked against the schema."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

from planner.discover import repository
from planner.settings import DEFAULT, Glob, Profile, Settings, SettingsError, Thresholds
from planner.settings.selectors import prefixes
from planner.settings.toml import PYPROJECT, section

RULES = ("select", "extend-select", "ignore")
LEVEL_OFF = "off"
COMMAND_LINE = "--config"


def stated(table: Mapping[str, Any], path: str) -> Settings:
    """The settings in the `table` of the file at `path`. Raises SettingsError."""
    return _stated(table, os.path.abspath(path), path, ())


def _stated(table: Mapping[str, Any], path: str, called: str, seen: tuple[str, ...]) -> Settings:
    """The settings in `table` of the file at `path`, on top of what it extends."""
    within = ("tool", "planner") if os.path.basename(path) == PYPROJECT else ()
    check(table, called, within)
    base = _base(table.get("extend"), path, called, seen)
    return decoded(table, base, os.path.dirname(path), called)._replace(file=path)


def _base(extend: str | None, path: str, called: str, seen: tuple[str, ...]) -> Settings:
    if extend is None:
        return DEFAULT
    target = _path(extend, os.path.dirname(path), f"{called}: `extend`")
    if target in (path, *seen):
        raise SettingsError(f"{called}: `extend`: {extend} leads back to itself")
    table = section(target)
    if table is None:
        raise SettingsError(f"{called}: `extend`: no [tool.planner] in {extend}")
    return _stated(table, target, target, (*seen, path))


def _path(stated: str, root: str, where: str) -> str:
    """The full path of what settings in the folder `root` call `stated`. Raises SettingsError where a repository's
    own settings lead out of it: whoever can propose a change to them decides neither what is read nor what is written
    elsewhere. What the command line says is the user's own."""
    path = os.path.normpath(os.path.join(root, os.path.expanduser(stated)))
    top = None if where.startswith(COMMAND_LINE) else repository(root)
    if top is not None and not _is_below(os.path.realpath(path), os.path.realpath(top)):
        raise SettingsError(f"{where}: {stated} leads out of the repository ({top}); keep a copy in it")
    return path


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def check(table: Mapping[str, Any], called: str, within: tuple[str, ...] = ()) -> None:
    """Raise SettingsError for what the schema does not accept, with the key's place and the closest name."""
    from planner.schema import load
    from planner.schema.conform import conforms

    schema = load("settings")
    if conforms(table, schema):
        return
    from planner.schema.explain import problems
    from planner.schema.wording import Place

    found = problems(table, schema, place=Place(name=within))
    lines = (f"{problem.message}\n{problem.help}".strip().replace("the config", "the table") for problem in found)
    raise SettingsError("\n".join(f"{called}: {line}" for line in lines))


def decoded(table: Mapping[str, Any], base: Settings, root: str, called: str) -> Settings:
    """`base` with what a valid `table` states; its paths are relative to `root`."""
    new: dict[str, Any] = {}
    for key in RULES:
        if key in table:
            new[key.replace("-", "_")] = prefixes(table[key], f"{called}: `{key}`", silences=key == "ignore")
    if "per-file-ignores" in table:
        where = f"{called}: `per-file-ignores`"
        new["per_file_ignores"] = tuple(
            (Glob(root, pattern), prefixes(names, where, silences=True))
            for pattern, names in table["per-file-ignores"].items()
        )
    if "levels" in table:
        new["levels"] = _levels(table["levels"], f"{called}: `levels`")
    if "exclude" in table:
        new["exclude"] = _globs(table["exclude"], root)
    if "catalog" in table:
        new["catalog"] = _catalog(table["catalog"], root, called)
    if "hardware" in table:
        new["hardware"] = tuple(_profile(each, root, called) for each in table["hardware"])
    if "fail-on" in table:
        new["fail_on"] = table["fail-on"]
    if "baseline" in table:
        new["baseline"] = _path(table["baseline"], root, f"{called}: `baseline`")
    if "thresholds" in table:
        new["thresholds"] = _thresholds(table["thresholds"], f"{called}: `thresholds`")
    return base._replace(**new)


def _levels(table: Mapping[str, str], where: str) -> tuple[tuple[str, str], ...]:
    return tuple((prefixes((name,), where, silences=level == LEVEL_OFF)[0], level) for name, level in table.items())


def _thresholds(table: Mapping[str, float], where: str) -> Thresholds:
    for key, value in table.items():
        if not math.isfinite(value):
            raise SettingsError(f"{where}: {key} is no number: {value}")
    return Thresholds(**{key.replace("-", "_"): value for key, value in table.items()})


def _globs(patterns: str | list[str], root: str) -> tuple[Glob, ...]:
    return tuple(Glob(root, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


def _catalog(paths: list[str], root: str, called: str) -> tuple[str, ...]:
    """Absolute paths of files with models, which are known from here on."""
    from planner.catalog import models

    files = [_path(path, root, f"{called}: `catalog`") for path in paths]
    wrong = models.add_files(files)
    if wrong:
        raise SettingsError("\n".join(f"{called}: `catalog`: {each}" for each in wrong))
    return tuple(files)


def _profile(table: Mapping[str, Any], root: str, called: str) -> Profile:
    from planner.formats.resolve import hardware

    found, wrong = hardware(table.get("accelerator"), table.get("memory"), table.get("instance"), table.get("count"))
    if found is None or wrong:
        raise SettingsError(f"{called}: `hardware`: {wrong or 'no accelerator is named'}")
    return Profile(_globs(table.get("files", []), root), found, f"a hardware profile in {called}")
