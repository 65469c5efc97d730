"""`planner what-if`: which models run where, in which form, and how far."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from planner.cli import codes, selection

if TYPE_CHECKING:
    from planner.plan.what_if import Grid
    from planner.workload import Engine

T = TypeVar("T")
FORMATS = ("text", "json", "jsonl", "csv")
CONTEXT, QUANTIZATIONS = 8192, ("none", "fp8", "awq")
MOST = 5_000_000
"""Combinations, some minutes' worth."""


@click.command("what-if", short_help="Which models run where: every combination of model, form, device and context.")
@click.option("--model", multiple=True, metavar="NAME", help="A name, a path, or a pattern: 'qwen3*'.")
@click.option("--hardware", multiple=True, metavar="NAME,…", help="Accelerators (default: the common ones).")
@click.option("--devices", multiple=True, metavar="N,…", help="Devices that share a model (default: 1,2,4,8).")
@click.option("--context", multiple=True, metavar="TOKENS,…", help="Tokens of one sequence (default: 8K).")
@click.option("--concurrency", multiple=True, metavar="N,…", help="Sequences held at once (default: 1).")
@click.option("--quantization", multiple=True, metavar="NAME,…", help="Of the weights (default: none,fp8,awq).")
@click.option("--dtype", metavar="NAME", help="dtype of the weights, where they are not quantized.")
@click.option("--kv-cache-dtype", metavar="NAME", help="dtype of the cache: fp8.")
@click.option("--engine", default="vllm", metavar="NAME[:VERSION]", help="vllm (default), sglang, llama.cpp …")
@click.option("--fits-only", is_flag=True, help="Only what fits.")
@click.option("--format", "-f", "form", type=click.Choice(FORMATS), default="text", help="How to print.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
def command(form: str, fits_only: bool, color: str, **asked: str | tuple[str, ...] | None) -> int:
    """Work out every combination of models, quantizations, accelerators, numbers of devices, contexts and concurrency,
    with the arithmetic of `planner plan`. Lists go by comma, or by repeating the option.

    Exit codes: 0 something fits, 1 nothing does, 2 wrong usage.
    """
    from planner.cli.terminal import write
    from planner.plan.what_if import combinations
    from planner.report import escape, what_if
    from planner.rules.refusal import refusal

    grid = _grid(asked)
    if grid.size > MOST:
        raise click.UsageError(f"{grid.size:,} combinations are too many: at most {MOST:,}")
    rows = list(combinations(grid, refusal))
    shown = [row for row in rows if row.runs] if fits_only else rows
    lines = what_if.text(shown, grid, selection.looks(color)) if form == "text" else what_if.rendered(form, shown)
    write(escape.guarded(lines) if form == "text" else lines, sys.stdout)
    return codes.CLEAN if any(row.runs for row in shown) else codes.FINDINGS


def _grid(asked: dict[str, str | tuple[str, ...] | None]) -> Grid:
    """What the options ask for."""
    from planner.formats import by_query
    from planner.formats.native import deployment, fields
    from planner.plan.what_if import Devices, Grid, variants
    from planner.units import dtype

    counts = tuple(_each("devices", asked, fields.whole)) or None
    engine = _one("engine", asked, _engine)
    stated = _one("dtype", asked, dtype)
    schemes = tuple(_each("quantization", asked, _scheme)) or QUANTIZATIONS
    try:
        models = [model for name in _words("model", asked) or _usual() for model in by_query.models(name)]
        labels = _words("hardware", asked)
        devices = [by_query.devices(label, counts) for label in labels] or [*by_query.common_devices(counts)]
    except by_query.UnknownError as unknown:
        raise click.UsageError(str(unknown)) from None
    forms = (variants(model._replace(dtype=stated), schemes, engine and engine.name) for model in models)
    return Grid(
        tuple(variant for each in forms for variant in each),
        tuple(Devices(*each) for each in devices),
        tuple(_each("context", asked, fields.context)) or (CONTEXT,),
        tuple(_each("concurrency", asked, fields.whole)) or (1,),
        engine,
        _one("kv_cache_dtype", asked, deployment.kv_cache_dtype),
    )


def _engine(word: str) -> Engine | None:
    """An engine's name, and its version behind a colon."""
    from planner.formats.native.deployment import ENGINES
    from planner.formats.resolve import version
    from planner.workload import Engine

    name, _, number = word.lower().partition(":")
    found = version(number) if number else None
    return None if name not in ENGINES or (number and found is None) else Engine(ENGINES[name], found)


def _usual() -> Sequence[str]:
    from planner.catalog.models import COMMON

    return COMMON


def _scheme(word: str) -> str | None:
    """A scheme's name in lower case, where there is such a scheme."""
    from planner.model.quantization.spelling import NONE, method_of

    written = word.lower()
    if written in NONE:
        return "none"
    return written if method_of(written) is not None else None


def _words(option: str, asked: dict[str, str | tuple[str, ...] | None]) -> list[str]:
    """The words of an option that may be repeated and takes lists, each once."""
    stated = asked[option] or ()
    lists = (stated,) if isinstance(stated, str) else stated
    found = list(dict.fromkeys(word.strip() for words in lists for word in words.split(",") if word.strip()))
    if lists and not found:
        raise click.UsageError(f"--{option} names nothing")
    return found


def _each(option: str, asked: dict[str, str | tuple[str, ...] | None], read: Callable[[str], T | None]) -> list[T]:
    return list(dict.fromkeys(_read(option, word, read) for word in _words(option, asked)))


def _one(option: str, asked: dict[str, str | tuple[str, ...] | None], read: Callable[[str], T | None]) -> T | None:
    stated = asked[option]
    return _read(option, stated, read) if isinstance(stated, str) else None


def _read(option: str, word: str, read: Callable[[str], T | None]) -> T:
    found = read(word)
    if found is None:
        raise click.UsageError(f"--{option.replace('_', '-')} {word}: not understood")
    return found
