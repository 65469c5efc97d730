"""What `planner what-if` found: a table for people, one row per combination for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from planner.report import escape

if TYPE_CHECKING:
    from planner.plan.what_if import Combination, Grid, Variant
    from planner.report.style import Style

VERSION = 1
CELL = 13
"""Columns of a cell with the space before it."""
REASONS = 5
"""Refusals that are spelled out."""
Line = tuple[str, str, int, int]
"""What a line of the table is about: model, quantization, context, concurrency."""


def rendered(form: str, rows: Iterable[Combination]) -> Iterator[str]:
    """Every combination as a row of `form`: json, jsonl or csv."""
    return {"json": _json, "jsonl": _jsonl, "csv": _csv}[form](rows)


def _json(rows: Iterable[Combination]) -> Iterator[str]:
    """One document, a combination a line."""
    yield f'{{"version": {VERSION}, "combinations": ['
    before = ""
    for line in _jsonl(rows):
        if before:
            yield before + ","
        before = line
    if before:
        yield before
    yield "]}"


def _jsonl(rows: Iterable[Combination]) -> Iterator[str]:
    from planner.report.json_text import dump_line

    for row in rows:
        yield dump_line(row._asdict())


def _csv(rows: Iterable[Combination]) -> Iterator[str]:
    """With a head; what is unknown is empty."""
    from csv import writer
    from io import StringIO

    from planner.plan.what_if import Combination

    buffer = StringIO()
    write = writer(buffer, lineterminator="")
    for row in chain([Combination._fields], rows):
        write.writerow([value if type(value) is int else _value(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _value(value: object) -> object:
    """A cell of CSV; texts that a spreadsheet would take for a formula begin with an apostrophe."""
    if isinstance(value, str):
        return ("'" if value[:1] in ("=", "+", "-", "@") else "") + escape.text(value)
    return str(value).lower() if isinstance(value, bool) else value


class Best:
    """What a table shows of combinations: cells of those that run, and why others do not. Sees each of them once."""

    def __init__(self, rows: Iterable[Combination]) -> None:
        self.first: Combination | None = None
        """That runs."""
        self.cells: dict[tuple[Line, str], tuple[int, str]] = {}
        """The fewest devices, and what to write, by line and kind of device."""
        self.lines: set[Line] = set()
        self.kinds: set[str] = set()
        self.reasons: dict[str, None] = {}
        for row in rows:
            self._see(row)

    def _see(self, row: Combination) -> None:
        line, kind = (row.model, row.quantization, row.context, row.concurrency), row.accelerator
        self.lines.add(line)
        self.kinds.add(kind)
        if not row.fits:
            return
        if row.refused:
            self.reasons[f"{row.model}: {row.refused}"] = None
            return
        self.first = self.first or row
        known = self.cells.get((line, kind))
        if known is None or row.devices < known[0]:
            self.cells[line, kind] = row.devices, _cell(row)


def text(rows: Iterable[Combination], grid: Grid, style: Style) -> Iterator[str]:
    """Rows of models in their forms, a column for each kind of device, and a legend."""
    best = Best(rows)
    if best.first is None:
        yield "nothing fits"
        yield from _refusals(best)
        return
    kinds = [each.label for each in grid.devices if each.label in best.kinds]
    lefts = [line for line in _lines(grid) if line[0] in best.lines]
    names = max(len(_short(variant, grid)) for variant in grid.variants)
    most = max(1, (style.width - names - 20 - 9 * (len(lefts[0][1]) - 2)) // CELL)
    for start in range(0, len(kinds), most):
        yield from _table(lefts, kinds[start : start + most], best, grid, style)
        yield ""
    yield from _legend(best.first, next(iter(best.cells.values()))[1], grid)
    yield from _refusals(best)


def _lines(grid: Grid) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """(what a line of the table is about, its first cells)."""
    for variant in grid.variants:
        for context in grid.contexts:
            for concurrency in grid.concurrencies:
                stated = (_tokens(context),) if len(grid.contexts) > 1 else ()
                held = (f"{concurrency:,}",) if len(grid.concurrencies) > 1 else ()
                cells = (_short(variant, grid), _form(variant), *stated, *held)
                yield (variant.name, variant.quantization, context, concurrency), cells


def _short(variant: Variant, grid: Grid) -> str:
    """The model's name without its organisation, where that is enough to tell it apart."""
    last = variant.name.rpartition("/")[2]
    same = {other.name for other in grid.variants if other.name.rpartition("/")[2] == last}
    return escape.text(last if len(same) == 1 else variant.name)


def _form(variant: Variant) -> str:
    from planner.units import GIB

    form = variant.plan.dtype or "?" if variant.quantization == "none" else variant.quantization
    weights = variant.plan.weights_bytes
    return f"{escape.text(form)} {weights / GIB:,.1f}" if weights is not None else escape.text(form)


def _table(
    lefts: Sequence[tuple[Line, tuple[str, ...]]],
    kinds: Sequence[str],
    best: Best,
    grid: Grid,
    style: Style,
) -> Iterator[str]:
    from planner.report.layout import table

    context = ("context",) if len(grid.contexts) > 1 else ()
    held = ("sequences",) if len(grid.concurrencies) > 1 else ()
    head = ("model", "weights GiB", *context, *held, *map(escape.text, kinds))
    body: list[tuple[str, ...]] = []
    before: tuple[str, ...] = ("", "")
    for key, cells in lefts:
        found = [best.cells[key, kind][1] if (key, kind) in best.cells else "–" for kind in kinds]
        shown = (
            "" if cells[0] == before[0] else cells[0],
            "" if cells[:2] == before[:2] else cells[1],
            *cells[2:],
        )
        body.append((*shown, *found))
        before = cells
    yield from table([tuple(style.paint("dim", word) for word in head), *body])


def _cell(row: Combination) -> str:
    """2×118K/14: devices, the longest context, sequences."""
    longest = _longest(row)
    held = f"/{int(row.max_concurrency):,}" if row.max_concurrency is not None else ""
    return f"{row.devices}×{_tokens(longest)}{held}" if longest is not None else f"{row.devices}×"


def _longest(row: Combination) -> int | None:
    """What the cache holds or, if that is less, the model."""
    limits = [limit for limit in (row.max_context_that_fits, row.max_context) if limit is not None]
    return min(limits, default=None)


def _tokens(number: int) -> str:
    """A context as people write it, rounded down: 8K = 8,192, 1M = 2²⁰."""
    if number >= 1 << 20:
        return f"{number // (1 << 20)}M" if number % (1 << 20) == 0 else f"{number * 10 // (1 << 20) / 10}M"
    return f"{number >> 10}K" if number >= 1 << 10 else str(number)


def _legend(row: Combination, example: str, grid: Grid) -> Iterator[str]:
    many = len(grid.concurrencies) > 1 or row.concurrency > 1
    each = "each sequence" if many else "one sequence"
    context = "the row's context" if len(grid.contexts) > 1 else f"{_tokens(row.context)} tokens"
    yield f"{example}: fewest devices that hold it × longest context of {each} there / sequences of {context}"
    counts = ", ".join(map(str, sorted({count for each in grid.devices for count in each.counts})))
    yield f"–: on none of {counts} devices that share the model (tensor parallel)"
    engine = f"{row.engine} {row.engine_version or ''}".strip() if row.engine else "no engine"
    yield f"{engine}, cache in {row.kv_cache_dtype}; {grid.size:,} combinations, predicted as by `planner plan`"


def _refusals(best: Best) -> Iterator[str]:
    """Why some do not start though there is room."""
    for reason in islice(best.reasons, REASONS):
        yield f"not counted: {escape.text(reason)}"
    if len(best.reasons) > REASONS:
        yield f"not counted: {len(best.reasons) - REASONS:,} further reasons, see `refused` in --format csv"
