"""How many tokens a `training` section plans: as stated, by steps and batch, or by epochs; and whether these agree."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from planner.plan.batch import Batch, contradiction, global_batch
from planner.record import NamedTuple
from planner.units import short

if TYPE_CHECKING:
    from planner.workload import Training

TOLERANCE = 0.03
"""Figures that are further apart contradict each other; people round to two digits."""
LARGEST = 10**24
"""Tokens up to which a run is taken seriously."""


EFFORT = {
    "compute": (1e9, 1e32),
    "days": (1e-3, 1e6),
    "gpu_hours": (1e-3, 1e15),
    "mfu": (1e-3, 1.0),
    "price_per_gpu_hour": (1e-6, 1e9),
}
"""What a run may be said to cost, at least and at most."""


class Figure(NamedTuple):
    """Tokens by one group of keys, or what that group lacks."""

    field: str
    tokens: int | None
    working: str = ""
    lacks: str = ""
    mend: str = ""


class Budget(NamedTuple):
    """What a run is planned to see."""

    tokens: int | None
    field: str
    working: str
    lacks: str
    """What is missing to know `tokens`; empty if they are known."""
    mend: str
    epochs: float | None
    unique: int | None
    contradictions: tuple[tuple[str, str, str], ...]
    assumptions: tuple[str, ...]


def budget(training: Training, *, full_sequences: bool) -> Budget:
    """The planned tokens. Without `full_sequences` (padded examples) steps × batch × length is an upper bound."""
    batch = global_batch(training)
    figures = list(_figures(training, batch))
    known = [figure for figure in figures if figure.tokens is not None]
    first = known[0] if known else (figures[0] if figures else _nothing())
    contradictions = (*_contradictions(known, full_sequences), *contradiction(training))
    assumptions = (batch.assumption,) if batch.assumption and first.field == "training.steps" else ()
    return Budget(
        first.tokens,
        first.field,
        first.working,
        first.lacks,
        first.mend,
        *_repetition(training, first.tokens),
        contradictions,
        assumptions,
    )


def within_reason(training: Training) -> Training:
    """`training` without counts that no run can have."""
    stated = [(key, value) for key, value in zip(training._fields, training, strict=True) if value is not None]
    numbers = [(key, value) for key, value in stated if isinstance(value, (int, float))]
    absurd = [key for key, value in numbers if isinstance(value, int) and value > LARGEST]
    absurd += [key for key, value in numbers if key in EFFORT and not EFFORT[key][0] <= value <= EFFORT[key][1]]
    if training.hardware and training.hardware.count and training.hardware.count > LARGEST:
        training = training._replace(hardware=training.hardware._replace(count=None))
    emptied: dict[str, Any] = dict.fromkeys(absurd)
    return training._replace(**emptied) if absurd else training


def _nothing() -> Figure:
    return Figure("training", None, lacks="no tokens, steps or epochs are stated", mend="add `tokens: 140B`")


def _figures(training: Training, batch: Batch) -> Iterator[Figure]:
    if training.tokens is not None:
        yield _figure("training.tokens", training.tokens, f"{short(training.tokens)} tokens")
    if training.steps is not None:
        yield _by_steps(training.steps, batch, training.sequence_length)
    if training.epochs is not None or training.unique_tokens is not None:
        yield _by_epochs(training.epochs, training.unique_tokens)


def _figure(field: str, tokens: float, working: str) -> Figure:
    """A figure, unless it is none (0, NaN) or absurd."""
    if 0 < tokens <= LARGEST and round(tokens) > 0:
        return Figure(field, round(tokens), working)
    return Figure(
        field, None, lacks=f"{field.rpartition('.')[2]} makes no sensible number", mend="write `tokens: 140B`"
    )


def _by_steps(steps: int, batch: Batch, length: int | None) -> Figure:
    if batch.sequences is None:
        return Figure("training.steps", None, lacks=batch.lacks, mend=batch.mend)
    if length is None:
        lacks = "sequence_length is not stated"
        return Figure("training.steps", None, lacks=lacks, mend="add `sequence_length: 4096`")
    tokens = steps * batch.sequences * length
    working = f"{steps:,} steps × {batch.working} × {length:,} tokens = {short(tokens)}"
    return _figure("training.steps", tokens, working)


def _by_epochs(epochs: float | None, unique: int | None) -> Figure:
    if epochs is None:
        return Figure("training.unique_tokens", None, lacks="epochs is not stated", mend="add `epochs: 1`")
    if unique is None:
        return Figure("training.epochs", None, lacks="unique_tokens is not stated", mend="add `unique_tokens: 10B`")
    return _figure(
        "training.epochs", epochs * unique, f"{epochs:g} epochs × {short(unique)} = {short(epochs * unique)}"
    )


def _repetition(training: Training, tokens: int | None) -> tuple[float | None, int | None]:
    """(epochs, different tokens), each from the other where only one is stated."""
    unique, epochs = training.unique_tokens, training.epochs
    if unique is not None and unique > 0:
        return (tokens / unique if tokens else epochs), unique
    if epochs is not None and math.isfinite(epochs) and epochs > 0:
        return epochs, round(tokens / max(1.0, epochs)) or None if tokens else None
    return None, None


def _contradictions(known: list[Figure], full_sequences: bool) -> Iterator[tuple[str, str, str]]:
    for other in known[1:]:
        stated, derived = known[0].tokens or 1, other.tokens or 1
        apart = derived / stated - 1
        if apart < -TOLERANCE or (full_sequences and apart > TOLERANCE):
            key, apart_by = known[0].field.rpartition(".")[2], f"{abs(apart):.1%} {'less' if apart < 0 else 'more'}"
            message = f"`{key}` says {known[0].working}, but {other.working}: {apart_by}"
            yield known[0].field, message, f"write `tokens: {short(derived)}`, or change what contradicts it"
