"""A defect of planner's own that a file brought to light: what failed over it, kept so that all else is still said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Document

    Failed = Callable[[str, Exception, Document], object]
    """Told what failed, how, and over which document."""


class Failure(NamedTuple):
    """What failed, in plain values."""

    document: int
    line: int
    what: str
    """A format, "plan", or the code of a rule."""
    kind: str
    """Class of the exception."""
    message: str
    traceback: str
    plugin: str = ""
    """The package whose code it was, if that is not planner."""


def failure(what: str, error: Exception, document: Document) -> Failure:
    """What is to be kept of `error`."""
    import traceback

    from planner import plugins

    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return Failure(
        document.index, document.line, what, type(error).__name__, str(error), "".join(lines), plugins.blamed(error)
    )


def raised(failure: Failure) -> Exception:
    """An exception that says what `failure` says."""
    kind = type(failure.kind, (Exception,), {"plugin": failure.plugin})
    error: Exception = kind(failure.message)
    error.__cause__ = Exception(failure.traceback)
    return error


class Failures:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.met: list[Failure] = []

    def __call__(self, what: str, error: Exception, document: Document) -> None:
        """Keep that `what` failed."""
        self.met.append(failure(what, error, document))


def stop(what: str, error: Exception, document: Document) -> None:
    """What to do with a failure where nothing else is to be saved."""
    raise error
