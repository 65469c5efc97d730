"""What the commands that read configs have in common: paths, stdin, hardware, looks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from planner.pipeline import Options, Report
    from planner.report.style import Style
    from planner.workload import Hardware

STDIN = "-"
Command = TypeVar("Command", bound=Callable[..., object])

_SHARED = (
    click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]..."),
    click.option("--output", "-o", "files", multiple=True, type=click.Path(), metavar="FILE",
                 help="Write the n-th --format to FILE instead of standard output."),
    click.option("--hardware", metavar="NAME[:N]",
                 help="Accelerators of configs that state none: H100-80GB:8, or a memory size, 24GB:2."),
    click.option("--stdin-filename", metavar="NAME", default="<stdin>", help="What to call the config read from `-`."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
                 help="Colours (default: auto; NO_COLOR and FORCE_COLOR are heeded)."),
)  # fmt: skip


def shared(command: Command) -> Command:
    """The arguments of every command that reads configs."""
    for decorate in reversed(_SHARED):
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
    """The content of standard input, if `-` is among the paths."""
    return sys.stdin.buffer.read() if STDIN in paths else None


def run(paths: Sequence[str], options: Options) -> Report:
    """The report on `paths`, the current directory without any. Paths that hold nothing to look at are wrong usage."""
    from planner import pipeline
    from planner.discover import find

    found = list(find(list(paths) or ["."]))
    if paths and not found:
        raise click.UsageError(f"no YAML or JSON file under {', '.join(paths)}")
    return pipeline.run(found, options)


def looks(color: str) -> Style:
    """What standard output can show."""
    from planner.cli.terminal import style

    return style(sys.stdout, color, os.environ)
