"""What the model is and where its parameters lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.layout import flow, share, size_and_gb, table
from planner.units import short

if TYPE_CHECKING:
    from planner.model.stack import Parameters
    from planner.plan.types import ModelPlan
    from planner.report.style import Style

_NAMES = {"ffn": "FFN", "attention": "attention", "embedding": "embedding", "other": "other"}
_SOURCES = {"parameters": "size alone", "inline": "architecture in the config"}
_BAR = 30
_SHORTEST = 10
_NUMBERS = 28
"""Cells of the columns before the bar."""


def headline(model: ModelPlan, style: Style) -> Iterator[str]:
    """Size, dtype and weights, in one line if there is room."""
    facts = [f"{model.total:,} parameters" if model.total is not None else "parameters unknown"]
    if model.total is not None and model.active is not None and model.active != model.total:
        facts.append(f"{short(model.active)} active per token")
    facts.append(escape.text(model.quantization or model.dtype or "dtype unknown"))
    if model.weights_bytes is not None:
        facts.append(f"weights {size_and_gb(model.weights_bytes)}")
    yield from flow(facts, " · ", style.width)
    limit = f", context up to {model.max_context:,} tokens" if model.max_context else ""
    yield f"from the {escape.text(_SOURCES.get(model.source, model.source))}{limit}"
    if model.adapter_parameters is not None and model.total:
        part = share(model.adapter_parameters, model.total)
        yield f"with an adapter of {model.adapter_parameters:,} parameters ({part})"


def parameters(model: ModelPlan, style: Style) -> Iterator[str]:
    """Each part with its share, the largest first, and who holds the majority."""
    if model.parameters is None or not model.parameters.total:
        return
    parts = _parts(model.parameters)
    total, width = model.parameters.total, min(_BAR, style.width - _NUMBERS)
    if width < _SHORTEST:
        width = 0
    yield from table(
        [
            (
                _NAMES[part],
                short(number),
                share(number, total),
                style.paint("weights", "█" * round(width * number / total)),
            )
            for part, number in parts
        ],
        frozenset((1, 2)),
    )
    name, largest = parts[0]
    if 2 * largest > total:
        yield f"most of them ({share(largest, total)}) are in the {_NAMES[name]}"
    else:
        yield "no part holds the majority"


def _parts(counted: Parameters) -> list[tuple[str, int]]:
    numbers = [(name, int(getattr(counted, name))) for name in _NAMES]
    return sorted(((name, number) for name, number in numbers if number), key=lambda part: -part[1])
