"""`planner verify`: a start-up log of an engine, or a training run's memory, beside planner's prediction."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from planner.cli import codes, selection

if TYPE_CHECKING:
    from planner.plan.types import Plan
    from planner.verify.measured import Measured
    from planner.workload import Hardware

FORMATS = {"text": "planner.report.verify_text", "json": "planner.report.verify_json"}
NOTHING = (
    "nothing in it is known: no start-up of vLLM, SGLang, llama.cpp or Ollama that got as far as its memory, no memory "
    "summary and no out-of-memory error of PyTorch"
)


@click.command("verify", short_help="Compare an engine's start-up log, or a training run's memory, with the plan.")
@click.argument("log", metavar="LOG", type=selection.PATH)
@click.argument("config", metavar="[CONFIG]", required=False, type=selection.PATH)
@click.option(
    "--format", "-f", "form", type=click.Choice(list(FORMATS)), default="text", help="How to print (default: text)."
)
@click.option("--document", type=click.IntRange(0), metavar="N", help="Of several in CONFIG: the document N, from 0.")
@click.option(
    "--model", metavar="NAME", help="The model, where the log does not name it; of several plans in CONFIG, its."
)
@click.option(
    "--hardware", metavar="NAME[:N]", help="The device, where neither CONFIG nor the log tells it: H100-80GB."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours.")
def command(
    log: str, config: str | None, form: str, document: int | None, model: str | None, hardware: str | None, color: str
) -> int:
    """Show what LOG printed of memory beside what planner says, and how far they are apart. `-` is standard input.

    LOG is of vLLM, SGLang, llama.cpp or Ollama, or holds PyTorch's memory summary or out-of-memory error. CONFIG is any
    config that planner reads; without it the log's own model, arguments and device are planned.

    Exit codes: 0 compared, 2 wrong usage, 3 the log cannot be read or says nothing of memory.
    """
    from importlib import import_module

    from planner.cli.terminal import write
    from planner.verify.comparison import compare
    from planner.verify.doubts import doubts
    from planner.verify.workload import from_log

    if document is not None and config is None:
        raise click.UsageError("--document chooses among the documents of a CONFIG")
    stated = selection.hardware(hardware)
    measured = _measured(log)
    if measured is None:
        return codes.FAILED
    if config is not None:
        plan, taken = _of_config(config, measured, stated, document, model)
        result = compare(measured, log, plan, from_config=True)
        found = doubts(measured, from_log(measured, log, stated), plan.workload)
        result = result._replace(taken=taken, doubts=tuple(found))
    else:
        result = compare(measured, log, _of_log(measured, log, stated, model))
    write(import_module(FORMATS[form]).render(result, selection.looks(color)), sys.stdout)
    return codes.CLEAN


def _measured(log: str) -> Measured | None:
    """The last start-up in the log; None where there is none, which is said."""
    from planner.verify.reading import read

    try:
        if log == selection.STDIN:
            found = read(sys.stdin.buffer)
        else:
            with open(log, "rb") as stream:
                found = read(stream)
    except OSError as error:
        words = error.strerror or str(error)
        _say(log, f"cannot be read: {words[:1].lower()}{words[1:]}")
        return None
    if found is None:
        _say(log, NOTHING)
    return found


def _say(log: str, message: str) -> None:
    from planner.cli.terminal import tell

    tell([f"planner: {log}: {message}"])


def _of_log(measured: Measured, log: str, stated: Hardware | None, model: str | None) -> Plan | None:
    from planner.plan import make_plan
    from planner.verify.workload import from_log

    if model is not None:
        measured = measured._replace(options={**measured.options, "model": model})
    workload = from_log(measured, log, stated)
    return make_plan(workload) if workload else None


def _of_config(
    config: str, measured: Measured, stated: Hardware | None, document: int | None, model: str | None
) -> tuple[Plan, tuple[str, ...]]:
    """The plan of CONFIG that the log is of, and what was taken from the log because CONFIG leaves it open."""
    from planner.pipeline import Options
    from planner.plan import make_plan
    from planner.verify.choice import NoPlanError, choose
    from planner.verify.workload import completed, device

    if not os.path.isfile(config):
        raise click.UsageError(f"{config} is no file")
    report = selection.run((config,), Options(stated or device(measured), settings=selection.settings(False, ())))
    if report.unreadable and not report.plans:
        wrong = next((finding.message for finding in report.findings), "it cannot be read")
        raise click.UsageError(f"{config}: {wrong}")
    try:
        plan = choose(report.plans, measured, document, model)
    except NoPlanError as error:
        raise click.UsageError(f"{config}: {error}") from error
    workload = completed(plan.workload, measured)
    taken = ["the device"] if stated is None and _lent(plan) else []
    taken += ["the engine's version"] if workload is not plan.workload else []
    return (make_plan(workload) if workload is not plan.workload else plan), tuple(taken)


def _lent(plan: Plan) -> bool:
    """Whether the hardware is what the command line lends to configs that state none."""
    origins = (plan.workload.origins.get(f"{section}.hardware") for section in ("deployment", "training"))
    return any(origin is not None and origin.kind == "option" for origin in origins)
