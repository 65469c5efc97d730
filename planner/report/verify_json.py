"""A log beside a plan for programs (schemas/verify.schema.json). Unknown is null, bytes and tokens are integers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report.json_text import dump

if TYPE_CHECKING:
    from planner.report.style import Style
    from planner.verify.comparison import Comparison, Part

VERSION = 1


def render(comparison: Comparison, style: Style) -> Iterator[str]:
    """One JSON object."""
    yield dump(
        {
            "version": VERSION,
            "log": _log(comparison),
            "plan": _plan(comparison),
            "parts": [_part(part, comparison) for part in comparison.parts],
            "outcome": {
                "started": comparison.measured.started,
                "failure": comparison.measured.failure or None,
                "fits": comparison.fits,
                "agrees": comparison.agrees,
            },
            "not_compared": [{"what": what, "because": why} for what, why in comparison.not_compared],
        }
    )


def _log(comparison: Comparison) -> dict[str, object]:
    measured = comparison.measured
    return {
        "file": comparison.file,
        "kind": measured.kind,
        "engine_version": measured.version,
        "model": measured.model,
        "device": measured.device,
        "device_bytes": measured.total,
        "starts": measured.starts,
        "line": measured.line,
        "ranks": measured.ranks,
        "estimated": measured.estimated,
        "notes": list(measured.notes),
    }


def _plan(comparison: Comparison) -> dict[str, object] | None:
    plan = comparison.plan
    if plan is None:
        return None
    document = plan.workload.document
    return {
        "source": "config" if comparison.from_config else "log",
        "file": document.file,
        "document": document.index,
        "format": plan.workload.format,
        "name": plan.workload.name,
        "model": plan.model.name if plan.model else None,
        "taken_from_log": list(comparison.taken),
        "differences": list(comparison.doubts),
        "assumptions": [note for part in (plan.serving, plan.training) if part for note in part.assumptions],
    }


def _part(part: Part, comparison: Comparison) -> dict[str, object]:
    return {
        "part": part.name,
        "field": part.field,
        "unit": part.unit,
        "line": comparison.measured.lines.get(part.field),
        "log": part.log,
        "planner": part.planner,
        "at_least": part.at_least,
        "difference": part.difference,
        "error": part.error,
    }
