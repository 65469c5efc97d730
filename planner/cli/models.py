"""`planner models`: the catalogue of models, one model's details, and adding rows to the user's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from planner.cli import codes, selection
from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.catalog.models import ModelRow
    from planner.model.stack import Architecture
    from planner.report.style import Style

BF16_BITS = 16


@click.command("models", short_help="Models that planner knows by name; `models add` for your own.")
@click.argument("query", nargs=-1)
@click.option(
    "--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", help="How to print (default: text)."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
@click.option("--name", help="With `add`: what to call the model (default: its folder).")
@click.option("--to", help="With `add`: the catalogue to write to (default: your own).")
def command(query: tuple[str, ...], form: str, color: str, name: str | None, to: str | None) -> int:
    """List models whose name has all words of QUERY; the details of a single one.

    `planner models add PATH` writes a config.json (or the folder that holds one) to your own catalogue.
    """
    from planner.catalog import models
    from planner.cli.terminal import tell, write

    if query[:1] == ("add",):
        return _add(query[1:], name, to)
    words = " ".join(query)
    exact = models.find(words) if words else None
    rows = [exact] if exact else models.search(words)
    if not rows:
        near = models.close(words)
        meant = f"did you mean {' or '.join(near)}?" if near else "`planner models add CONFIG` makes your own known"
        tell([f"planner: no model is called {words}; {meant}"])
        return codes.FINDINGS
    write(_json(rows) if form == "json" else _text(rows, selection.looks(color)), sys.stdout)
    return codes.CLEAN


def _add(paths: tuple[str, ...], name: str | None, to: str | None) -> int:
    from planner.catalog import own
    from planner.catalog.model_row import default_file
    from planner.cli.terminal import tell, write
    from planner.report import escape

    if len(paths) != 1:
        raise click.UsageError("models add takes one path: a config.json or its folder")
    try:
        row, file = own.add(paths[0], name, to or default_file())
    except (OSError, ValueError, RecursionError) as wrong:
        tell([f"planner: {paths[0]}: {wrong}"])
        return codes.FAILED
    write(escape.guarded([escape.text(f"{row} stands in {file}")]), sys.stdout)
    return codes.CLEAN


class Facts(NamedTuple):
    """What the config of a row amounts to; None where there is none, or none that can be read."""

    parameters: int | None = None
    active: int | None = None
    layers: int | None = None
    context: int | None = None
    kv_bytes: int | None = None
    """Of the cache, per token in 16 bit."""
    state_bytes: int | None = None
    """Per sequence, of recurrent layers."""
    architecture: Architecture | None = None


def facts(row: ModelRow) -> Facts:
    """Read a row's config."""
    from planner.memory.cache import bytes_per_token, state_bytes
    from planner.model import read
    from planner.model.config import ConfigError
    from planner.model.parameters import count

    known = Facts(row.parameters, row.active_parameters)
    if row.config is None:
        return known
    try:
        architecture = read(row.config)
    except ConfigError:
        return known
    return Facts(
        row.parameters or count(architecture).total,
        row.active_parameters,
        len(architecture.layers),
        architecture.max_context,
        bytes_per_token(architecture, BF16_BITS),
        state_bytes(architecture, BF16_BITS // 8),
        architecture,
    )


def _text(rows: list[ModelRow], style: Style) -> Iterator[str]:
    from planner.report.layout import table

    if len(rows) == 1:
        yield from _details(rows[0], style)
        return
    head = ("model", "parameters", "active", "layers", "context", "KV bytes/token")
    body = [(row.id, *_cells(facts(row))) for row in rows]
    yield from table([tuple(style.paint("dim", word) for word in head), *body], frozenset(range(1, len(head))))


def _cells(found: Facts) -> tuple[str, ...]:
    from planner.units import short

    counts = (short(number) if number else "" for number in (found.parameters, found.active))
    return (*counts, *(f"{number:,}" if number else "" for number in (found.layers, found.context, found.kv_bytes)))


def _details(row: ModelRow, style: Style) -> Iterator[str]:
    """One model, a fact a line."""
    from planner.report.pairs import pairs
    from planner.units import short

    yield style.paint("strong", row.id)
    found = facts(row)
    architecture = found.architecture
    ratio = row.training_tokens / row.parameters if row.training_tokens and row.parameters else None
    lines = (
        ("parameters", f"{found.parameters:,} ({short(found.parameters)})" if found.parameters else ""),
        ("active", f"{found.active:,} ({short(found.active)})" if found.active else ""),
        ("trained on", f"{short(row.training_tokens)} tokens" if row.training_tokens else ""),
        ("tokens per parameter", f"{ratio:,.1f}" if ratio else ""),
        ("type", architecture.model_type if architecture else ""),
        ("layers", f"{found.layers:,}" if found.layers else ""),
        ("hidden size", f"{architecture.hidden_size:,}" if architecture else ""),
        ("context", f"{found.context:,}" if found.context else ""),
        ("KV cache", f"{found.kv_bytes:,} bytes per token in 16 bit" if found.kv_bytes else ""),
        ("states", f"{found.state_bytes:,} bytes per sequence" if found.state_bytes else ""),
        ("dtype", (architecture.dtype or "") if architecture else ""),
        ("quantization", _scheme(row, architecture)),
        ("same shape", ", ".join(row.same)),
        ("also called", ", ".join(row.aliases)),
        ("note", "; ".join(filter(None, (row.note, *(architecture.notes if architecture else ()))))),
        ("source", f"{row.source} ({row.date})" if row.date else row.source),
    )
    yield from pairs(lines, style)


def _scheme(row: ModelRow, architecture: Architecture | None) -> str:
    from planner.model.quantization import describe, resolve

    scheme, doubt = resolve(row.quantization, architecture.quantization if architecture else None)
    return describe(scheme) if scheme else doubt


def _json(rows: list[ModelRow]) -> Iterator[str]:
    from planner.report.json_text import dump

    yield dump({"version": 1, "models": [_entry(row, config=len(rows) == 1) for row in rows]})


def _entry(row: ModelRow, config: bool) -> dict[str, object]:
    found = facts(row)
    entry: dict[str, object] = {
        "id": row.id,
        "parameters": found.parameters,
        "active_parameters": found.active,
        "training_tokens": row.training_tokens,
        "layers": found.layers,
        "max_context": found.context,
        "kv_cache_bytes_per_token": found.kv_bytes,
        "state_bytes_per_sequence": found.state_bytes,
        "dtype": found.architecture.dtype if found.architecture else None,
        "quantization": _scheme(row, found.architecture) or None,
        "base": row.base,
        "same": row.same,
        "aliases": row.aliases,
        "note": row.note,
        "source": row.source,
        "date": row.date,
    }
    return {**entry, "config": row.config} if config else entry
