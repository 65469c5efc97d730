"""Exit codes."""

from __future__ import annotations

CLEAN = 0
"""Nothing to object to."""
FINDINGS = 1
"""Findings at or above `--fail-on`; of `plan`, nothing that could be planned."""
USAGE = 2
"""Wrong options or settings."""
FAILED = 3
"""A named file could not be read, output could not be written, or an internal error. All else is reported first."""
INTERRUPTED = 130
"""Ctrl-C, as shells report it (128 + SIGINT)."""
