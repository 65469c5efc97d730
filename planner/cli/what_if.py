"""`planner what-if`: which models run where, in which form, and how far."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from planner.cli import codes, selection

if TYPE_CHECKING:
    from planner.plan.what_if import Combination, Grid
    from planner.workload import Engine

T = TypeVar("T")
FORMATS = ("text", "json", "jsonl", "csv")
CONTEXT, QUANTIZATIONS = 8192, ("none", "fp8", "awq")
MOST = 5_000_000
"""Combinations, a minute or two's worth."""
TAKES = {
    "devices": "whole numbers from 1 on: 1,2,4",
    "context": "numbers of tokens: 8192, 8K, 128K",
    "concurrency": "whole numbers from 1 on: 1,16",
    "quantization": "schemes of the weights: none, fp8, awq, gptq, int8, q4_k_m …",
    "dtype": "bfloat16, float16, float32 or float8",
    "kv_cache_dtype": "auto, fp8, int8, bfloat16, or a name of the engine's own such as fp8_e5m2",
    "engine": "vllm, sglang, tgi, llama.cpp, ollama, tensorrt-llm, transformers, a version behind a colon: vllm:0.11",
}
"""What an option can say, told where it was not understood."""


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
        raise click.UsageError(_too_many(grid))
    rows = _Watched(combinations(grid, refusal), fits_only)
    lines = what_if.text(rows, grid, selection.looks(color)) if form == "text" else what_if.rendered(form, rows)
    write(escape.guarded(lines) if form == "text" else lines, sys.stdout)
    return codes.CLEAN if rows.some_run else codes.FINDINGS


def _too_many(grid: Grid) -> str:
    """What is asked for, factor by factor."""
    factors = {
        "forms of models": len(grid.variants),
        "numbers of devices": sum(len(each.counts) for each in grid.devices),
        "contexts": len(grid.contexts),
        "concurrencies": len(grid.concurrencies),
    }
    product = " × ".join(f"{number:,} {name}" for name, number in factors.items())
    return f"{grid.size:,} combinations are too many, at most {MOST:,} are worked out: {product}"


class _Watched:
    """Combinations as they are worked out, of which none is kept; afterwards, whether there was one that runs."""

    def __init__(self, rows: Iterable[Combination], fits_only: bool) -> None:
        self._rows, self._fits_only = rows, fits_only
        self.some_run = False

    def __iter__(self) -> Iterator[Combination]:
        for row in self._rows:
            if row.runs:
                self.some_run = True
                yield row
            elif not self._fits_only:
                yield row


def _grid(asked: dict[str, str | tuple[str, ...] | None]) -> Grid:
    """What the options ask for."""
    from planner.formats import by_query
    from planner.formats.native import fields
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
    for note in filter(None, (by_query.taken_for(label, hardware) for label, hardware, _ in devices)):
        click.echo(f"planner: {note}", err=True)
    forms = (variants(model._replace(dtype=stated), schemes, engine and engine.name) for model in models)
    return Grid(
        tuple(variant for each in forms for variant in each),
        tuple(Devices(*each) for each in devices),
        tuple(_each("context", asked, fields.context)) or (CONTEXT,),
        tuple(_each("concurrency", asked, fields.whole)) or (1,),
        engine,
        _one("kv_cache_dtype", asked, _cache_format),
    )


def _engine(word: str) -> Engine | None:
    """An engine's name, and its version behind a colon."""
    from planner.formats.native.deployment import ENGINES
    from planner.formats.resolve import version
    from planner.workload import Engine

    name, _, number = word.lower().partition(":")
    found = version(number) if number else None
    return None if name not in ENGINES or (number and found is None) else Engine(ENGINES[name], found)


def _cache_format(word: str) -> str | None:
    """As a config states it, where it can be told what it takes."""
    from planner.formats.native.deployment import kv_cache_dtype
    from planner.plan.serving_case import cache_dtype

    return kv_cache_dtype(word) if word.lower() == "auto" or cache_dtype(word) else None


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
        stated = word if word.isprintable() and word else repr(word)
        raise click.UsageError(f"--{option.replace('_', '-')} {stated}: not understood; it takes {TAKES[option]}")
    return found
