"""The way through the house: files → documents → workloads → plans → findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from planner.finding import LEVELS, Finding
from planner.record import NamedTuple
from planner.settings import DEFAULT, Lookup, Settings

if TYPE_CHECKING:
    from planner.discover import Found
    from planner.formats.context import Context
    from planner.plan.types import Plan
    from planner.source.document import Source
    from planner.workload import Hardware


class Options(NamedTuple):
    """What the command line and the settings ask for."""

    hardware: Hardware | None = None
    """For configs that state none."""
    fixes: bool = False
    """Work out what would fit for every plan, not only for those that do not."""
    stdin: bytes | None = None
    """The content of the file that is called "-"."""
    stdin_name: str = "<stdin>"
    settings: Lookup | None = None
    """None for the defaults, whatever files there are."""


class Unchecked(NamedTuple):
    """A config, or a part of one, that was not checked, and why."""

    file: str
    document: int
    line: int
    what: str
    because: str
    mend: str


class Report(NamedTuple):
    """The outcome of a run. Findings are sorted by file and place."""

    findings: tuple[Finding, ...]
    plans: tuple[Plan, ...]
    """In the order of files and documents."""
    sources: Mapping[str, Source]
    """By file name, of every file with a finding or a plan: reporters show lines from them."""
    checked: int
    """Configs of which something was checked."""
    not_checked: tuple[Unchecked, ...]
    skipped: int
    """Files that are not our business."""
    unreadable: tuple[str, ...]
    """Files that could not be read or parsed though they were named."""
    crashes: tuple[tuple[str, Exception], ...] = ()
    """Files on which planner itself failed, and how."""
    fail_on: tuple[tuple[str, str], ...] = ()
    """(file, level) of the files whose settings say at which level a finding fails the run."""


class _Outcome(NamedTuple):
    """What came of one file."""

    source: Source | None
    plans: tuple[Plan, ...] = ()
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[Unchecked, ...] = ()
    unreadable: bool = False


def run(files: Iterable[Found], options: Options) -> Report:
    """Lint and plan `files`. A file that fails never keeps the others from being checked.

    Raises `planner.settings.SettingsError` for settings that cannot be used.
    """
    findings: list[Finding] = []
    plans: list[Plan] = []
    sources: dict[str, Source] = {}
    not_checked: list[Unchecked] = []
    unreadable: list[str] = []
    crashes: list[tuple[str, Exception]] = []
    fail_on: list[tuple[str, str]] = []
    skipped = 0
    for found in files:
        name = _name(found, options)
        settings = options.settings.of(name) if options.settings else DEFAULT
        try:
            outcome = _check(found, options, settings)
        except Exception as error:  # one file's misfortune is not the others'
            crashes.append((name, error))
            not_checked.append(Unchecked(name, 0, 1, "file", f"internal error: {type(error).__name__}", ""))
            continue
        if outcome.source is None:
            skipped += 1
            continue
        source = outcome.source
        sources[source.file] = source
        plans += outcome.plans
        findings += outcome.findings
        not_checked += outcome.not_checked
        if outcome.unreadable:
            unreadable.append(source.file)
        if settings.fail_on:
            fail_on.append((source.file, settings.fail_on))
    checked = sum(_is_checked(plan) for plan in plans)
    return Report(
        tuple(sorted(set(findings))),
        tuple(plans),
        sources,
        checked,
        tuple(not_checked),
        skipped,
        tuple(unreadable),
        tuple(crashes),
        tuple(fail_on),
    )


def _is_checked(plan: Plan) -> bool:
    return plan.model is not None and plan.model.weights_bytes is not None


def _name(found: Found, options: Options) -> str:
    return options.stdin_name if found.file == "-" else found.file


def _check(found: Found, options: Options, settings: Settings) -> _Outcome:
    from planner import source as reader
    from planner.formats import registry

    name = _name(found, options)
    if settings.exclude and not found.named and _excluded(name, settings):
        return _Outcome(None)
    data = options.stdin if found.file == "-" else None
    wanted = None if found.named else registry.candidates
    source = reader.read(name, data, wanted)
    if source is None:
        return _Outcome(None)
    return _examine(source, found.named, options, settings)


def _excluded(name: str, settings: Settings) -> bool:
    from planner.settings.globs import any_matches

    return any_matches(settings.exclude, name)


def _examine(source: Source, named: bool, options: Options, settings: Settings) -> _Outcome:
    """One file that was read, well or badly."""
    from planner.formats import registry

    fatal = [problem for problem in source.problems if problem.fatal]
    workloads = list(registry.read(source, _context(source.file, options, settings)))
    if not workloads and (not fatal or source.template or not named):
        lost = [Unchecked(source.file, 0, p.span.line, "file", p.message, p.help) for p in fatal if not source.template]
        return _Outcome(source if lost else None, not_checked=tuple(lost))
    from planner import places
    from planner.plan import make_plan
    from planner.suppression import apply

    plans = tuple(
        make_plan(workload, fixes=options.fixes)._replace(headroom=settings.headroom) for workload in workloads
    )
    findings = list(places.source_findings(source))
    for plan in plans:
        findings += places.plan_findings(plan)
    not_checked = tuple(
        Unchecked(source.file, plan.workload.document.index, places.place(plan.workload, item.field).line,
                  item.what, item.because, item.mend)
        for plan in plans
        for item in plan.not_checked
    )  # fmt: skip
    said = _wanted(apply(findings, source), settings)
    return _Outcome(source, plans, said, not_checked, bool(fatal) and named)


def _wanted(findings: Iterable[Finding], settings: Settings) -> tuple[Finding, ...]:
    if settings is DEFAULT:
        return tuple(findings)
    from planner.settings.choice import wanted

    return tuple(wanted(findings, settings))


def _context(file: str, options: Options, settings: Settings) -> Context:
    """What a config that states no hardware runs on: what the command line says, then the settings' profile."""
    from planner.formats.context import Context
    from planner.source import read

    if options.hardware is not None or not settings.hardware:
        return Context(load=read, hardware=options.hardware)
    from planner.settings.globs import any_matches
    from planner.workload import Origin

    for profile in settings.hardware:
        if not profile.files or any_matches(profile.files, file):
            return Context(read, profile.hardware, Origin("option", note=profile.note))
    return Context(load=read)


def worst(findings: Iterable[Finding]) -> int:
    """The highest rank in `LEVELS` among `findings`; −1 without any."""
    return max((LEVELS.index(finding.level) for finding in findings), default=-1)
