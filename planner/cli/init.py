"""`planner init`: look at a repository, say what is there, and write the settings and the hook."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from planner.cli import codes, outputs, selection
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.init.survey import Survey


class Change(NamedTuple):
    """A file as it should be."""

    path: str
    what: str
    """For people: what is done to it."""
    text: str
    """All of it; empty where nothing is to be done."""
    shown: str = ""
    """The lines that are new."""


@click.command("init", short_help="Look at a repository; write planner.toml and the pre-commit hook.")
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--yes", "-y", is_flag=True, help="Write without asking. What is there already is never replaced.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
def command(folder: str, yes: bool, dry_run: bool, color: str) -> int:
    """Say what FOLDER (default: the current one) holds, and write settings and hook after asking.

    Settings go to [tool.planner] where there is a pyproject.toml, else to planner.toml; the hook to
    .pre-commit-config.yaml of a git repository.
    """
    from planner.cli.terminal import write
    from planner.report.escape import guarded
    from planner.report.survey_text import render

    found = _survey(folder)
    write(guarded(render(found, selection.looks(color))), sys.stdout)
    for change in (_settings(folder, found), _hook(folder)):
        if change is not None and not _carried_out(change, yes, dry_run):
            return codes.FAILED
    return codes.CLEAN


def _survey(folder: str) -> Survey:
    from planner import pipeline
    from planner.discover import find
    from planner.init.survey import survey

    return survey(pipeline.run(find([folder]), pipeline.Options()), folder)


def _settings(folder: str, found: Survey) -> Change:
    from planner.init import settings
    from planner.settings import NAMES, SettingsError
    from planner.settings.toml import section

    own, project = (os.path.normpath(os.path.join(folder, name)) for name in NAMES)
    if os.path.lexists(own):
        return Change(own, "is there already", "")
    if not os.path.lexists(project):
        text = settings.text(found.unstated)
        return Change(own, "new", text, text)
    try:
        there = section(project) is not None
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if there:
        return Change(project, "has its [tool.planner] already", "")
    text = settings.text(found.unstated, "tool.planner")
    return Change(project, "[tool.planner] at its end", settings.appended(_read(project), text), text)


def _hook(folder: str) -> Change | None:
    from planner.init import hook

    path = os.path.normpath(os.path.join(folder, hook.FILE))
    if not os.path.lexists(os.path.join(folder, ".git")) and not os.path.lexists(path):
        return None
    if not os.path.lexists(path):
        return Change(path, "new", hook.fresh(), hook.fresh())
    text = _read(path)
    if hook.is_there(text):
        return Change(path, "has the hook already", "")
    entry = "".join(f"{line}\n" for line in hook.entry("  "))
    new = hook.added(text)
    if new is None:
        return Change(path, "cannot be added to as it is written; put this into its `repos`", "", entry)
    return Change(path, "the hook as the last of its repos", new, entry)


def _carried_out(change: Change, yes: bool, dry_run: bool) -> bool:
    """Show a change, ask, and write it. False if it could not be written."""
    from planner.cli.terminal import write
    from planner.report import escape

    write(escape.guarded(_shown(change)), sys.stdout)
    if not change.text or dry_run:
        return True
    if not yes and not _agreed(change):
        return True
    if not outputs.put(change.path, change.text.encode("utf-8", "surrogateescape")):
        return False
    write(escape.guarded([f"wrote {escape.name(change.path)}"]), sys.stdout)
    return True


def _shown(change: Change) -> Iterator[str]:
    from planner.report import escape

    yield ""
    yield f"{escape.name(change.path)}: {change.what}"
    yield from (f"  {escape.text(line)}".rstrip() for line in change.shown.splitlines())


def _agreed(change: Change) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: --yes writes, --dry-run only shows")
    return click.confirm(f"write {os.path.basename(change.path)}?", default=True)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error
