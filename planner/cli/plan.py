"""`planner plan`: the numbers, without a verdict on the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from planner.cli import codes, outputs, selection
from planner.report import PLAN

if TYPE_CHECKING:
    from planner.pipeline import Report

COMMAND_LINE = "<command line>"


@click.command("plan", short_help="Work configs or a model out: memory by part, what fits, training tokens.")
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    type=click.Choice(list(PLAN)),
    help="How to print (default: text). Repeatable.",
)
@click.option(
    "--model", metavar="NAME", help="A model instead of a PATH: a name, a config.json, a checkpoint's folder."
)
@click.option("--context", metavar="TOKENS", help="With --model: tokens of one sequence, 8192 or 8K.")
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help="With --model: sequences held at once.")
@click.option("--dtype", metavar="NAME", help="With --model: dtype of the weights.")
@click.option("--quantization", metavar="NAME", help="With --model: awq, gptq, fp8, q4_k_m …")
@click.option("--tensor-parallel", type=click.IntRange(1), metavar="N", help="With --model: devices that share it.")
@click.option("--engine", metavar="NAME", help="With --model: vllm, sglang, llama.cpp …")
@click.option("--tokens", metavar="N", help="Training tokens: 1.4T.")
@click.option("--lifetime-inference-tokens", metavar="N", help="Tokens that the model will serve in its life: 2T.")
@click.option("--flops", metavar="N", help="A training budget instead of a PATH: 5.76e23. Or --hardware with --days.")
@click.option("--days", type=click.FloatRange(0, min_open=True), metavar="N", help="Days of training on --hardware.")
@click.option(
    "--mfu",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Model FLOPs utilization of the run (default: 0.30).",
)
@click.option("--price", type=click.FloatRange(0, min_open=True), metavar="N", help="Price of a device hour.")
@click.option(
    "--plot", type=selection.PATH, metavar="FILE", help="Draw tokens and loss by size: tokens.svg, .png, .pdf."
)
@selection.shared
def command(
    paths: tuple[str, ...],
    formats: tuple[str, ...],
    files: tuple[str, ...],
    hardware: str | None,
    overrides: tuple[str, ...],
    isolated: bool,
    show_settings: bool,
    stdin_filename: str,
    color: str,
    model: str | None,
    plot: str | None,
    **asked: str | float | None,
) -> int:
    """Work out the configs at PATH, a model by name or a training budget: what they take, what would fit, how many
    tokens they want.

    Exit codes: 0 planned, 1 nothing could be planned, 2 wrong usage, 3 a named file could not be read.
    """
    from planner.pipeline import Options

    lookup = selection.settings(isolated, overrides)
    if show_settings:
        return selection.show_settings(paths, lookup, stdin_filename)
    targets = outputs.pair(formats, files)
    stated = {name: value for name, value in asked.items() if value is not None}
    data, paths, name = _source(paths, model, stated, hardware is not None, stdin_filename)
    outputs.spare(targets, paths)
    options = Options(selection.hardware(hardware), True, data, name, lookup)
    report = selection.run(paths, options)
    outputs.spare(targets, report.sources)
    written = outputs.emit(report, targets, PLAN, selection.looks(color))
    if plot is not None:
        written &= _drawn(report, plot)
    if report.unreadable or not written:
        return codes.FAILED
    return (
        codes.CLEAN
        if any(plan.model or (plan.tokens and plan.tokens.allocations) for plan in report.plans)
        else codes.FINDINGS
    )


def _drawn(report: Report, file: str) -> bool:
    """Whether the picture of `report` could be written to `file`."""
    from planner.report.plot import PlotError, draw

    outputs.spare([outputs.Target("plot", file)], report.sources)
    try:
        draw(report.plans, file)
    except PlotError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        outputs.cannot_write(file, error.strerror)
        return False
    return True


def _source(
    paths: tuple[str, ...], model: str | None, stated: dict[str, str | float], deployed: bool, stdin_name: str
) -> tuple[bytes | None, tuple[str, ...], str]:
    """(content of `-`, paths, name of `-`): of the config that the options describe, or as on the command line."""
    if paths and (model is not None or stated):
        option = "model" if model is not None else next(iter(stated)).replace("_", "-")
        raise click.UsageError(f"give either --{option} or a PATH: a config states its own")
    if model is None and not stated:
        return selection.stdin(paths), paths, stdin_name
    if model is None and not {"flops", "days"} & stated.keys():
        raise click.UsageError(f"--{next(iter(stated)).replace('_', '-')} goes with --model, --flops or --days")
    from planner.formats.native.written import config

    return config(model, stated, deployed).encode(errors="surrogateescape"), (selection.STDIN,), COMMAND_LINE
