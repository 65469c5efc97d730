"""`planner plan`: the numbers, without a verdict on the exit code."""

from __future__ import annotations

import click

from planner.cli import codes, outputs, selection
from planner.report import PLAN

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
    **asked: str | int | None,
) -> int:
    """Work out the configs at PATH, or a model by name: what they take, what would fit, how many tokens they want.

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
    if report.unreadable or not written:
        return codes.FAILED
    return codes.CLEAN if any(plan.model for plan in report.plans) else codes.FINDINGS


def _source(
    paths: tuple[str, ...], model: str | None, stated: dict[str, str | int], deployed: bool, stdin_name: str
) -> tuple[bytes | None, tuple[str, ...], str]:
    """(content of `-`, paths, name of `-`): of the config that the options describe, or as on the command line."""
    if model is None:
        if stated:
            option = next(iter(stated)).replace("_", "-")
            raise click.UsageError(f"--{option} goes with --model; a config states its own")
        return selection.stdin(paths), paths, stdin_name
    if paths:
        raise click.UsageError("give either --model or a PATH")
    return config(model, stated, deployed).encode(errors="surrogateescape"), (selection.STDIN,), COMMAND_LINE


def config(model: str, stated: dict[str, str | int], deployed: bool) -> str:
    """The native config that the options describe, as one would write it."""
    of_model: dict[str, str | int] = {"name": model}
    of_deployment: dict[str, str | int] = {}
    for name, value in stated.items():
        (of_model if name in ("dtype", "quantization") else of_deployment)[name] = value
    if deployed and not of_deployment:
        of_deployment["concurrency"] = 1
    return _section("model", of_model) + _section("deployment", of_deployment)


def _section(name: str, values: dict[str, str | int]) -> str:
    from json import dumps

    if not values:
        return ""
    return "".join((f"{name}:\n", *(f"  {key}: {dumps(value, ensure_ascii=False)}\n" for key, value in values.items())))
