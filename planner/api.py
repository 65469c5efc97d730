"""The Python API: what the commands `lint` and `plan` do, as functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.pipeline import Options, Report

if TYPE_CHECKING:
    from planner.discover import Found
    from planner.settings import Lookup
    from planner.workload import Hardware

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
STDIN = "-"


def lint(
    paths: Paths = (),
    *,
    text: str | bytes | None = None,
    filename: str = "<text>",
    hardware: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    config: Sequence[str] = (),
    isolated: bool = False,
    baseline: str | os.PathLike[str] | None = None,
    no_ignores: bool = False,
    jobs: int = 1,
    plugins: bool = True,
) -> Report:
    """Check the configs at `paths`, files and folders, or the one in `text`, which goes by the name `filename`.

    `hardware` is what configs run on that state none, "H100-80GB:8"; `select` and `ignore` are rules by code, prefix or
    name; `config` holds settings as `--config` takes them, "thresholds.headroom=0.1". With `isolated` no settings file
    is looked for. Comments and the `baseline` (default: that of the settings) silence findings unless `no_ignores`.
    `jobs` processes share the files out (0: as many as they are worth). Without `plugins` no package of others is used.

    Nothing of a file raises: what is wrong with it is a finding, and a failure of planner's own is in `Report.crashes`.
    Raises ValueError for arguments or settings that cannot be used, and for paths that hold nothing to look at.
    """
    known = None if no_ignores else os.fspath(baseline or "")
    options = Options(
        _hardware(hardware),
        settings=_settings(isolated, config, select, ignore),
        baseline=known,
        no_ignores=no_ignores,
        plans=False,
        jobs=jobs,
    )
    return _run(paths, text, filename, options, plugins)


def plan(
    paths: Paths = (),
    *,
    text: str | bytes | None = None,
    filename: str = "<text>",
    hardware: str | None = None,
    config: Sequence[str] = (),
    isolated: bool = False,
    model: str | None = None,
    context: int | str | None = None,
    concurrency: int | None = None,
    dtype: str | None = None,
    quantization: str | None = None,
    tensor_parallel: int | None = None,
    engine: str | None = None,
    tokens: int | str | None = None,
    lifetime_inference_tokens: int | str | None = None,
    flops: float | str | None = None,
    days: float | None = None,
    mfu: float | None = None,
    price: float | None = None,
    plugins: bool = True,
) -> Report:
    """Work out the configs at `paths` or in `text`, or instead of them a `model` by name or a budget of compute.

    The report's `plans` hold every number: bytes and tokens as integers, None for what is unknown. The options from
    `model` on are those of `planner plan`; sizes may be written, "32K", "1.4T". Raises as `lint` does.
    """
    asked = {
        "context": context, "concurrency": concurrency, "dtype": dtype, "quantization": quantization,
        "tensor_parallel": tensor_parallel, "engine": engine, "tokens": tokens,
        "lifetime_inference_tokens": lifetime_inference_tokens, "flops": flops, "days": days, "mfu": mfu,
        "price": price,
    }  # fmt: skip
    stated = {name: value for name, value in asked.items() if value is not None}
    options = Options(_hardware(hardware), fixes=True, settings=_settings(isolated, config))
    if model is None and not stated:
        return _run(paths, text, filename, options, plugins)
    if paths or text is not None:
        raise ValueError(f"give either {'model' if model is not None else next(iter(stated))} or a config")
    if model is None and not {"flops", "days"} & stated.keys():
        raise ValueError(f"{next(iter(stated))} goes with model, flops or days")
    from planner.formats.native.written import config as written

    return _run((), written(model, stated, hardware is not None), "<arguments>", options, plugins)


def render(report: Report, format: str = "text") -> str:
    """`report` as a format of `planner lint` prints it ("sarif", "json" …), or as "plan" or "plan-json".

    Raises ValueError for a format that there is not.
    """
    from planner.report import LINT, PLAN
    from planner.report import render as lines
    from planner.report.style import Style

    forms = {**LINT, "plan": PLAN["text"], "plan-json": PLAN["json"]}
    if format not in forms:
        raise ValueError(f"no format is called {format}; there are {', '.join(forms)}")
    return "".join(f"{line}\n" for line in lines(forms[format], report, Style()))


def _run(paths: Paths, text: str | bytes | None, filename: str, options: Options, plugins: bool) -> Report:
    from planner import pipeline
    from planner.plugins import switch

    found, options = _given(paths, text, filename, options)
    before = switch(plugins)
    try:
        return pipeline.run(found, options)
    finally:
        switch(before)


def _given(paths: Paths, text: str | bytes | None, filename: str, options: Options) -> tuple[Sequence[Found], Options]:
    """The files to look at, and `options` as they hold for so many."""
    from planner.discover import Found, find

    if text is not None:
        if paths:
            raise ValueError("give either paths or text")
        data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
        return [Found(STDIN, True)], options._replace(stdin=data, stdin_name=filename)
    each = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    names = [os.fspath(path) for path in each]
    found = tuple(find(names))
    if not found:
        raise ValueError(f"no YAML, JSON or TOML file under {', '.join(names)}" if names else "no paths are given")
    if not options.jobs:
        from planner.workers import automatic

        options = options._replace(jobs=automatic(len(found)))
    return found, options


def _settings(isolated: bool, config: Sequence[str], select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Lookup:
    from planner.settings import Asked, Lookup

    return Lookup(Asked(isolated, tuple(config), tuple(select), tuple(ignore)))


def _hardware(text: str | None) -> Hardware | None:
    if text is None:
        return None
    from planner.formats.resolve import parse_hardware_option

    found, problem = parse_hardware_option(text)
    if found is None:
        raise ValueError(f"hardware {text}: {problem or 'not understood'}")
    return found
