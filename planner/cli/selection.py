"""What the commands that read configs have in common: paths, stdin, hardware, looks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from planner.cli import codes

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from planner.discover import Found
    from planner.pipeline import Options, Report
    from planner.report.style import Style
    from planner.settings import Lookup
    from planner.workload import Hardware

STDIN = "-"
FEW = 100
"""Files that one process checks sooner than two, and sooner than a cache is read."""
Command = TypeVar("Command", bound=Callable[..., object])


class Path(click.types.StringParamType):
    """A file or folder, which shells complete. Click's own asks gettext for its name, which takes a millisecond."""

    name = "path"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Whatever files there are."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


PATH = Path()

no_plugins = click.option(
    "--no-plugins",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, off: _without_plugins(context) if off else None,
    help="Do without the formats and rules of other packages.",
)

_READING = (
    click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]..."),
    click.option("--hardware", metavar="NAME[:N]",
                 help="Accelerators of configs that state none: H100-80GB:8, or a memory size, 24GB:2."),
    click.option("--config", "overrides", multiple=True, metavar="KEY=VALUE",
                 help="A setting, as in planner.toml: thresholds.headroom=0.1. Repeatable."),
    click.option("--isolated", is_flag=True, help="Look for no pyproject.toml or planner.toml."),
    no_plugins,
)  # fmt: skip
_SHOWING = (
    click.option("--output", "-o", "files", multiple=True, type=PATH, metavar="FILE",
                 help="Write the n-th --format to FILE instead of standard output."),
    click.option("--show-settings", is_flag=True, help="Print the settings that hold for each PATH, and stop."),
    click.option("--stdin-filename", metavar="NAME", default="<stdin>", help="What to call the config read from `-`."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
                 help="Colours (default: auto; NO_COLOR and FORCE_COLOR are heeded)."),
)  # fmt: skip


def _without_plugins(context: click.Context) -> None:
    """Do without plugins until the command ends."""
    from planner import plugins

    before = plugins.switch(False)
    context.call_on_close(lambda: plugins.switch(before))


def shared(command: Command) -> Command:
    """The arguments of every command that reports on configs."""
    for decorate in reversed(_SHOWING):
        command = decorate(command)
    return reading(command)


def reading(command: Command) -> Command:
    """The arguments of every command that reads configs."""
    for decorate in reversed(_READING):
        command = decorate(command)
    return command


def hardware(text: str | None) -> Hardware | None:
    """What `--hardware` says."""
    if text is None:
        return None
    from planner.formats.resolve import parse_hardware_option

    found, problem = parse_hardware_option(text)
    if found is None:
        raise click.UsageError(f"--hardware {text}: {problem or 'not understood'}")
    return found


def stdin(paths: Sequence[str]) -> bytes | None:
    """The content of standard input, if `-` is among the paths: as much as is needed to see that it is too much."""
    if STDIN not in paths:
        return None
    if sys.stdin is None:
        raise click.UsageError("- is given, and standard input is closed")
    from planner.source.limits import MAX_BYTES

    return sys.stdin.buffer.read(MAX_BYTES + 1)


def settings(
    isolated: bool, overrides: Sequence[str], select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Lookup:
    """Where the settings of files come from."""
    from planner.settings import Asked, Lookup

    return Lookup(Asked(isolated, tuple(overrides), tuple(select), tuple(ignore)))


def show_settings(paths: Sequence[str], lookup: Lookup, stdin_name: str) -> int:
    """Print the settings that hold for each of `paths`."""
    from planner.cli.terminal import write
    from planner.report.escape import guarded
    from planner.settings import SettingsError
    from planner.settings.shown import lines

    try:
        for path in paths or ["."]:
            file = stdin_name if path == STDIN else os.path.join(path, "_") if os.path.isdir(path) else path
            write(guarded(lines(lookup.of(file), path)), sys.stdout)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    return codes.CLEAN


def run(paths: Sequence[str], options: Options, cached: str | None = None) -> Report:
    """The report on `paths`; see `found` and `check`."""
    return check(found(paths), options, cached)


def found(paths: Sequence[str]) -> tuple[Found, ...]:
    """The files that `paths` come to, the current directory without any. None at all is wrong usage."""
    from planner.discover import find

    files = tuple(find(list(paths) or ["."]))
    if paths and not files:
        raise click.UsageError(f"no YAML or JSON file under {', '.join(paths)}")
    return files


def show_files(found: Sequence[Found], options: Options) -> int:
    """Print the files among `found` that would be looked at."""
    from planner.check import is_left_out, name_of
    from planner.cli.terminal import write
    from planner.report import escape
    from planner.settings import SettingsError

    try:
        files = [name_of(each, options) for each in found if not is_left_out(each, options)]
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    write(escape.guarded(map(escape.name, files)), sys.stdout)
    return codes.CLEAN


def check(found: tuple[Found, ...], options: Options, cached: str | None = None) -> Report:
    """The report on `found`. No `jobs` are as many as the files are worth.

    With a folder in `cached` ("" for the user's own) what earlier runs found there is not worked out again.

    Settings that cannot be used are wrong usage.
    """
    from planner import plugins
    from planner.settings import SettingsError

    if cached is not None and len(found) >= FEW and options.stdin is None and not plugins.found():
        from planner.cache import find as find_cache

        options = options._replace(cache=find_cache(options, os.environ, cached))
    if not options.jobs:
        options = options._replace(jobs=_worth(len(found)))
    try:
        return _checked(found, options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _checked(found: tuple[Found, ...], options: Options) -> Report:
    """The report on `found`, with a bar where somebody looks on."""
    from planner import pipeline

    if sys.stderr is None or not sys.stderr.isatty():
        return pipeline.run(found, options)
    from planner.cli import progress

    with progress.shown(len(found), sys.stderr) as told:
        return pipeline.run(found, options, told)


def _worth(files: int) -> int:
    if files < FEW:
        return 1
    from planner.workers import automatic

    return automatic(files)


def looks(color: str) -> Style:
    """What standard output can show."""
    from planner.cli.terminal import style

    return style(sys.stdout, color, os.environ)
