"""Engine flags as they stand in command lines, scripts and environments: one reader for all formats."""

from __future__ import annotations

from planner.formats.flags.engines import ENGINES, Table, by_image, version
from planner.formats.flags.launch import Launch, count, find, from_options
from planner.formats.flags.options import Option, option, read
from planner.formats.flags.variables import Environment, Variable, expand
from planner.formats.flags.words import Word, commands, script, words

__all__ = [
    "ENGINES", "Environment", "Launch", "Option", "Table", "Variable", "Word", "by_image", "commands", "count",
    "expand", "find", "from_options", "option", "read", "script", "version", "words",
]  # fmt: skip
