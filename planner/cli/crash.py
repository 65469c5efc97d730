"""What a bug report needs, in a file: versions, arguments and the traceback that the terminal is spared."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence

from planner import __version__, plugins
from planner.report import escape

MOST = 20
"""Tracebacks in a report."""


def write_report(
    errors: Sequence[Exception], arguments: Sequence[str], discreet: Callable[[str], str] = str
) -> str | None:
    """Write what is known of `errors` to a new temporary file, made `discreet`.

    Returns its path; None where that is impossible.
    """
    text = discreet("\n".join(_lines(errors, arguments)))
    text = "".join(f"{line}\n" for line in escape.guarded(escape.lines(text)))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="planner-crash-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(text)
    except OSError:
        return None
    return file.name


def _lines(errors: Sequence[Exception], arguments: Sequence[str]) -> Iterator[str]:
    yield f"planner {__version__}"
    yield f"python {platform.python_version()} on {platform.platform()}"
    for name in ("click", "pyyaml", "jsonschema"):
        yield f"{name} {_version(name)}"
    yield from (f"plugin {plugin.distribution}: {plugin.group} {plugin.name}" for plugin in plugins.found())
    yield f"arguments: {list(arguments)}"
    yield f"recursion limit: {sys.getrecursionlimit()}"
    for error in errors[:MOST]:
        yield ""
        yield "".join(traceback.format_exception(type(error), error, error.__traceback__))


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
