"""A text that an editor holds, checked as the file that it will be: its settings and the files beside it count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner import pipeline
from planner.discover import Found
from planner.settings import Lookup

if TYPE_CHECKING:
    from planner.pipeline import Options, Report

STDIN = "-"


def check(text: str, path: str, options: Options) -> Report:
    """What there is to say of `text` under the name `path`; nothing of a text that is in none of the formats.

    Settings are looked up anew, as they may have been changed. Raises SettingsError for those that cannot be used.
    """
    data = text.encode("utf-8", "surrogatepass")
    asked = options._replace(stdin=data, stdin_name=path, settings=Lookup(), force_exclude=True)
    return pipeline.run([Found(STDIN, False)], asked)
