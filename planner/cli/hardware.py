"""`planner hardware`: the catalogue of accelerators and cloud machine types."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from planner.cli import codes, selection

if TYPE_CHECKING:
    from planner.catalog.accelerators import Accelerator
    from planner.report.style import Style


@click.command("hardware", short_help="Accelerators that planner knows: memory as drivers report it, dtypes, peaks.")
@click.argument("query", nargs=-1)
@click.option(
    "--format", "-f", "form", type=click.Choice(["text", "json"]), default="text", help="How to print (default: text)."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
def command(query: tuple[str, ...], form: str, color: str) -> int:
    """List accelerators that QUERY can mean, in any spelling, or a cloud machine type's."""
    from planner.catalog import accelerators
    from planner.cli.terminal import tell, write

    words = " ".join(query)
    rows, note = found(words)
    if not rows:
        near = accelerators.close(words)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        tell([f"planner: no accelerator or cloud machine is called {words}{meant}"])
        return codes.FINDINGS
    write(_json(rows, note) if form == "json" else _text(rows, note, selection.looks(color)), sys.stdout)
    return codes.CLEAN


def found(words: str) -> tuple[list[Accelerator], str]:
    """The rows that `words` mean, and what is to be said of them."""
    from planner.catalog import accelerators, instances

    if not words:
        return list(accelerators.all()), ""
    match = accelerators.find(words)
    if match is not None:
        return list(match.rows), match.note if len(match.rows) > 1 else ""
    machine = instances.find(words)
    device = accelerators.get(machine.accelerator) if machine else None
    if machine is not None and device is not None:
        part = f" of which it has {machine.fraction:.3g}" if machine.fraction else ""
        return [device], f"{machine.id} ({machine.cloud}) has {machine.count} × {device.name}{part}"
    every = [(row, " ".join((row.name, row.id, row.vendor, *row.aliases)).lower()) for row in accelerators.all()]
    return [row for row, text in every if not any(word not in text for word in words.lower().split())], ""


def _text(rows: list[Accelerator], note: str, style: Style) -> Iterator[str]:
    from planner.report.layout import table

    if note:
        yield note
        yield ""
    if len(rows) == 1:
        yield from _details(rows[0], style)
        return
    head = ("accelerator", "memory GiB", "dtypes", "dense bf16", "GB/s", "also called")
    body = [
        (row.name, _memory(row), " ".join(_dtypes(row)), _flops(row, "bf16"), _bandwidth(row), ", ".join(row.aliases))
        for row in rows
    ]
    yield from table([tuple(style.paint("dim", word) for word in head), *body], frozenset((3, 4)))


def _details(row: Accelerator, style: Style) -> Iterator[str]:
    """One device, a fact a line."""
    from planner.report.pairs import pairs

    yield style.paint("strong", row.name)
    basis = "as drivers and runtimes report it" if row.memory_basis == "log" else "estimated from the nominal size"
    lines = (
        ("memory", f"{_memory(row)} GiB, {basis}; sold as {row.nominal_gb} GB"),
        ("dtypes", " ".join(_dtypes(row))),
        ("compute capability", "{}.{}".format(*row.compute_capability) if row.compute_capability else ""),
        ("bandwidth", f"{_bandwidth(row)} GB/s" if row.bandwidth else ""),
        ("dense peak", ", ".join(f"{dtype} {_flops(row, dtype)}" for dtype in row.flops)),
        ("link", row.link or ""),
        ("also called", ", ".join(row.aliases)),
        ("note", row.note),
        ("source", f"{row.source} ({row.date})"),
    )
    yield from pairs(lines, style)


def _memory(row: Accelerator) -> str:
    """Lowest and highest reading in GiB."""
    return f"{row.memory / 2**30:.2f}–{row.memory_max / 2**30:.2f}"


def _dtypes(row: Accelerator) -> list[str]:
    order = ("fp32", "fp16", "bf16", "fp8", "fp4", "int8", "int4")
    return [dtype for dtype in order if dtype in row.dtypes]


def _flops(row: Accelerator, dtype: str) -> str:
    peak = row.flops.get(dtype)
    return f"{peak / 10**12:,.0f} T" if peak else ""


def _bandwidth(row: Accelerator) -> str:
    return f"{row.bandwidth / 10**9:,.0f}" if row.bandwidth else ""


def _json(rows: list[Accelerator], note: str) -> Iterator[str]:
    from planner.report.json_text import dump

    yield dump(
        {
            "version": 1,
            "note": note,
            "accelerators": [
                {
                    "id": row.id,
                    "name": row.name,
                    "vendor": row.vendor,
                    "memory_bytes": row.memory,
                    "memory_max_bytes": row.memory_max,
                    "memory_basis": row.memory_basis,
                    "dtypes": _dtypes(row),
                    "compute_capability": row.compute_capability,
                    "bandwidth_bytes_per_second": row.bandwidth,
                    "flops": dict(row.flops),
                    "link": row.link,
                    "nominal_gb": row.nominal_gb,
                    "aliases": row.aliases,
                    "note": row.note,
                    "source": row.source,
                    "date": row.date,
                }
                for row in rows
            ],
        }
    )
