"""What a rule found, with its place in the text."""

from __future__ import annotations

from planner.record import NamedTuple

LEVELS = ("info", "warning", "error")
"""From advice over prediction to proof; the index is the rank."""


class Related(NamedTuple):
    """Another place that takes part in a finding."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str


class Edit(NamedTuple):
    """A stretch of a file and what to write there instead. Lines and columns as in `Finding`."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Repair(NamedTuple):
    """The edits that mend a finding: all of them or none."""

    safe: bool = False
    """Whether it is the one answer, and keeps what the config means; the others are applied only where asked for."""
    message: str = ""
    """What it does: "set context to 16,384"."""
    edits: tuple[Edit, ...] = ()
    """None for a finding that nothing mends."""


NO_REPAIR = Repair()


class Finding(NamedTuple):
    """One finding. Sorts by file and place. Lines and columns count from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    """Stable code, "FIT001"."""
    name: str
    """Readable name, "weights-exceed-memory"."""
    level: str
    field: str
    """Field in the vocabulary of `planner.workload`, "deployment.hardware.memory"; may be empty."""
    message: str
    """What is wrong, by how much, and why we think so, with the arithmetic."""
    help: str = ""
    """What would fix it, computed; may have several lines."""
    related: tuple[Related, ...] = ()
    repair: Repair = NO_REPAIR
