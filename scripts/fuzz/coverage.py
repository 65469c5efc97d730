"""Which lines and branches of planner an input is the first to reach. Needs `sys.monitoring`, of Python 3.12."""

from __future__ import annotations

import os
import sys
from types import CodeType
from typing import Any

import planner

FOLDER = os.path.join(os.path.dirname(planner.__file__), "")
TOOL = 4
"""A number that no profiler or debugger has."""


class Coverage:
    """Counts what is reached for the first time. A line or branch costs nothing once it was."""

    def __init__(self) -> None:
        self.reached = 0
        self._monitoring: Any = getattr(sys, "monitoring", None)
        self._branches: dict[tuple[CodeType, int], int] = {}
        if self._monitoring is None:
            return
        events = self._monitoring.events
        self._monitoring.use_tool_id(TOOL, "fuzz")
        self._monitoring.register_callback(TOOL, events.LINE, self._line)
        self._monitoring.register_callback(TOOL, events.BRANCH, self._branch)
        self._monitoring.set_events(TOOL, events.LINE | events.BRANCH)

    def _line(self, code: CodeType, line: int) -> Any:
        if code.co_filename.startswith(FOLDER):
            self.reached += 1
        return self._monitoring.DISABLE

    def _branch(self, code: CodeType, start: int, end: int) -> Any:
        """Look on until both ways were taken."""
        if not code.co_filename.startswith(FOLDER):
            return self._monitoring.DISABLE
        other = self._branches.setdefault((code, start), end)
        if other == end:
            return None
        self.reached += 1
        return self._monitoring.DISABLE
