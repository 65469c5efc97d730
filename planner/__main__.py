"""`python -m planner`, which runs no module of the folder that it is called in."""

from __future__ import annotations

import sys

if not getattr(sys.flags, "safe_path", False):
    del sys.path[0]

from planner.cli import console

console()
