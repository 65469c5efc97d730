"""A log beside a plan for people: a table, whether both say the same, and what could not be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.layout import size, table, wrap
from planner.units import gib, plural

if TYPE_CHECKING:
    from planner.report.style import Style
    from planner.verify.comparison import Comparison, Part
    from planner.verify.measured import Measured

NAMES = {"vllm": "vLLM", "sglang": "SGLang", "llama.cpp": "llama.cpp", "ollama": "Ollama", "pytorch": "PyTorch"}
GOOD, BAD = 0.02, 0.10
"""Shares up to which an error is shown as good, and from which as bad."""
HEAD = ("part", "log says", "planner says", "difference", "error")


def render(comparison: Comparison, style: Style) -> Iterator[str]:
    """The lines."""
    return escape.guarded(_lines(comparison, style))


def _lines(comparison: Comparison, style: Style) -> Iterator[str]:
    measured = comparison.measured
    yield from wrap(f"{style.paint('strong', escape.name(comparison.file))}: {_about(measured)}", style.width)
    yield from _indented(_start(measured), style)
    yield from _indented(_source(comparison), style)
    yield ""
    rows = [tuple(style.paint("dim", word) for word in HEAD), *(_row(part, style) for part in comparison.parts)]
    outcome = _outcome(comparison, style)
    yield from table([*rows, *([outcome] if outcome else [])], frozenset((1, 2, 3, 4)))
    if measured.failure:
        yield ""
        yield from _indented(f"the log: {escape.text(measured.failure)[:400]}", style, "")
    yield from _notes(comparison, style)


def _about(measured: Measured) -> str:
    """What ran: "vLLM 0.19.0, meta-llama/Llama-3.1-8B on NVIDIA L4, 22.05 GiB"."""
    version = measured.version or (f"up to {measured.version_at_most}" if measured.version_at_most else "")
    engine = f"{NAMES[measured.kind]} {escape.text(version)}".rstrip()
    model = f", {escape.text(measured.model)}" if measured.model else ""
    name = escape.text(measured.device) if measured.device else ""
    memory = gib(measured.total) if measured.total is not None else ""
    place = " with ".join(each for each in (name or "a device", memory) if each)
    return f"{engine}{model}{f', on {place}' if name or memory else ''}"


def _start(measured: Measured) -> str:
    which = f"the last of {measured.starts:,} start-ups, from line {measured.line:,}" if measured.starts > 1 else ""
    ranks = f"{plural(measured.ranks, 'rank')}: the fullest counts" if measured.ranks > 1 else ""
    guess = "the engine's own estimate, made before loading" if measured.estimated else ""
    return "; ".join(each for each in (which, ranks, guess) if each)


def _source(comparison: Comparison) -> str:
    if comparison.plan is None:
        return ""
    workload = comparison.plan.workload
    if not comparison.from_config:
        return "planned from the log's own model, arguments and device"
    taken = f"; from the log: {', '.join(comparison.taken)}" if comparison.taken else ""
    where = f"{escape.name(workload.document.file)}:{workload.document.line}"
    return f"compared with {escape.text(workload.name)} in {where}{taken}"


def _row(part: Part, style: Style) -> tuple[str, ...]:
    at_least = "≥ " if part.at_least else ""
    planner = _amount(part.planner, part.unit) if part.planner is not None else "?"
    return escape.text(part.name), at_least + _amount(part.log, part.unit), planner, *_error(part, style)


def _amount(value: int | float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "bytes":
        return size(int(value))
    return f"{value:,.2f}" if unit == "requests" else f"{value:,.0f}"


def _error(part: Part, style: Style) -> tuple[str, str]:
    """How far planner is off, and as a share of what the log says; of a lower bound that is kept, that it is."""
    difference, error = part.difference, part.error
    if difference is None or error is None:
        return "", ""
    if part.at_least and difference == 0:
        return "", style.paint("good", "kept")
    kind = "good" if abs(error) <= GOOD else "error" if abs(error) >= BAD else "warning"
    share = f"{100 * error:+,.1f}".replace("-0.0", "0.0").replace("+0.0", "0.0")
    shown = _amount(difference, part.unit) if difference else "0"
    return f"{'+' if difference > 0 else ''}{shown}", style.paint(kind, f"{share} %")


def _outcome(comparison: Comparison, style: Style) -> tuple[str, ...] | None:
    started, fits = comparison.measured.started, comparison.fits
    if started is None:
        return None
    trains = comparison.measured.kind == "pytorch"
    log = ("runs" if trains else "starts") if started else "out of memory" if trains else "does not start"
    planner = "?" if fits is None else "fits" if fits else "does not fit"
    agrees = comparison.agrees
    said = "" if agrees is None else style.paint("good", "same") if agrees else style.paint("error", "not the same")
    return "outcome", log, planner, "", said


def _notes(comparison: Comparison, style: Style) -> Iterator[str]:
    plan = comparison.plan
    lines = [f"not what ran: {doubt}" for doubt in comparison.doubts]
    lines += [f"not compared: {what}: {why}" for what, why in comparison.not_compared]
    lines += [f"note: {note}" for note in comparison.measured.notes]
    if plan is not None:
        parts = (plan.serving, plan.training)
        assumed = [note for part in parts if part for note in part.assumptions]
        lines += [f"assumed: {note}" for note in dict.fromkeys([*(plan.model.notes if plan.model else ()), *assumed])]
    if lines:
        yield ""
    for line in lines:
        yield from _indented(escape.text(line), style, "")


def _indented(text: str, style: Style, indent: str = "  ") -> Iterator[str]:
    if text:
        first, *more = wrap(text, style.width - 2)
        yield f"{indent}{first}"
        yield from (f"  {line}" for line in more)
