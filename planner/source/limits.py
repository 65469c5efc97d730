"""What is read at most. A config stays far below; what does not is no config, or made to exhaust time or memory."""

from __future__ import annotations

MAX_BYTES = 4 << 20
"""Of a file."""
MAX_DEPTH = 64
"""Mappings and sequences within each other."""
MAX_NODES = 200_000
"""Keys, values and items of a file, those behind an alias counted at each use."""
MAX_DIGITS = 40
"""Characters of a number."""
MAX_PROBLEMS = 100
"""That are told of a file."""
MAX_BROKEN = 10
"""Broken documents after which the rest of a file is left."""
MAX_TAG_DIRECTIVES = 64
"""`%TAG` lines of a file: libyaml compares each with all others."""
MAX_TOML_MARKS = 60_000
"""Points, equals signs and opening brackets of a TOML file: the parser takes 10 µs for each."""
MAX_CONFIGS = 500
"""Configs of a file that are planned."""
