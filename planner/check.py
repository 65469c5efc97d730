"""One file on its way through the house: document → workloads → plans → findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from planner import source as reader
from planner.failure import Failures
from planner.formats import registry
from planner.outcome import FOREIGN, Outcome, Unchecked, without_plans
from planner.record import NamedTuple
from planner.settings import DEFAULT, Lookup, Settings
from planner.source.limits import MAX_CONFIGS

if TYPE_CHECKING:
    from planner.cache import Cache
    from planner.discover import Found
    from planner.failure import Failed
    from planner.finding import Finding
    from planner.formats.context import Context
    from planner.plan.types import Plan
    from planner.source.document import Source
    from planner.suppression import Silenced
    from planner.workload import Hardware, Workload


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
    baseline: str | None = None
    """The file that counts known findings; empty for that of the settings, None for none."""
    no_ignores: bool = False
    """Report what comments and baselines silence as well."""
    force_exclude: bool = False
    """Leave out what the settings exclude even where it is named, as a hook names all files of a commit."""
    plans: bool = True
    """Keep the plans, and every line of the files that have one."""
    jobs: int = 1
    """Processes that share the files out."""
    cache: Cache | None = None
    """What earlier runs found; only without plans."""


def name_of(found: Found, options: Options) -> str:
    """What to call a file."""
    return options.stdin_name if found.file == "-" else found.file


def check(found: Found, options: Options) -> Outcome:
    """What there is to say of one file. Raises SettingsError, and whatever a defect of planner's own raises."""
    name = name_of(found, options)
    settings = options.settings.of(name) if options.settings else DEFAULT
    if _excluded(found, name, options, settings):
        return FOREIGN
    data = options.stdin if found.file == "-" else None
    wanted = None if found.named else registry.worth_reading
    source = reader.read(name, data, wanted)
    if source is None:
        return FOREIGN
    outcome = _examine(source, found.named, options, settings)._replace(fail_on=settings.fail_on)
    if outcome.findings or outcome.not_checked or outcome.silenced or (options.plans and outcome.plans):
        from planner.discretion import discreet
        from planner.rewording import brief

        outcome = brief(discreet(outcome))
    return outcome if options.plans else without_plans(outcome)


def is_left_out(found: Found, options: Options) -> bool:
    """Whether the settings exclude a file. Raises SettingsError."""
    name = name_of(found, options)
    return _excluded(found, name, options, options.settings.of(name) if options.settings else DEFAULT)


def _excluded(found: Found, name: str, options: Options, settings: Settings) -> bool:
    if not settings.exclude or (found.named and not options.force_exclude):
        return False
    from planner.settings.globs import any_matches

    return any_matches(settings.exclude, name)


def _examine(source: Source, named: bool, options: Options, settings: Settings) -> Outcome:
    """One file that was read, well or badly."""
    fatal = [problem for problem in source.problems if problem.fatal]
    failed = Failures()
    workloads = list(islice(registry.read(source, _context(source.file, options, settings), failed), MAX_CONFIGS + 1))
    if not workloads and not failed.met and (not fatal or source.template or not named):
        told = not source.template or registry.starts_engine(source.text)
        told = told or (named and bool(registry.candidates(source.text)))
        lost = [Unchecked(source.file, 0, p.span.line, "file", p.message, p.help) for p in fatal if told]
        return Outcome(source if lost else None, not_checked=tuple(lost))
    from planner import places
    from planner.suppression import apply

    plans = tuple(_planned(workloads[:MAX_CONFIGS], options, settings, failed))
    findings = list(places.source_findings(source))
    for plan in plans:
        findings += places.plan_findings(plan, failed)
    not_checked = [
        Unchecked(source.file, plan.workload.document.index, places.place(plan.workload, item.field).line,
                  item.what, item.because, item.mend)
        for plan in plans
        for item in plan.not_checked
    ]  # fmt: skip
    not_checked += [
        Unchecked(source.file, each.document, each.line, each.what, f"internal error: {each.kind}", "")
        for each in failed.met
    ]
    not_checked += _left(source.file, workloads[MAX_CONFIGS:])
    said, silenced = (findings, []) if options.no_ignores else apply(findings, source)
    said = _with_removals(said, source)
    if failed.met:  # a comment may well silence what the failure kept from being found
        said = [finding for finding in said if finding.rule != "IGN001"]
    said, silenced = _wanted(said, silenced, settings)
    checked = sum(map(_is_checked, plans))
    return Outcome(
        source, plans, tuple(said), tuple(not_checked), checked, bool(fatal) and named, parts=_parts(plans),
        failures=tuple(failed.met), silenced=tuple(silenced),
    )  # fmt: skip


def _left(file: str, workloads: Iterable[Workload]) -> Iterator[Unchecked]:
    """That a file has more configs than are looked at; the first too many is in `workloads`."""
    for workload in workloads:
        place = workload.document.line
        because, mend = f"more than {MAX_CONFIGS:,} configs in one file; the rest is not looked at", "split the file"
        yield Unchecked(file, workload.document.index, place, "file", because, mend)


def _planned(workloads: Iterable[Workload], options: Options, settings: Settings, failed: Failed) -> Iterator[Plan]:
    """A plan for each of `workloads`; `failed` is told of those that planner fails over."""
    from planner.plan import make_plan

    for workload in workloads:
        try:
            plan = make_plan(workload, fixes=options.fixes)
        except Exception as error:  # noqa: PERF203
            failed("plan", error, workload.document)
        else:
            yield plan._replace(thresholds=settings.thresholds)


def _parts(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Other files that something of `plans` was taken from."""
    files = {
        origin.document.file
        for plan in plans
        for origin in plan.workload.origins.values()
        if origin.document is not None and origin.document.file != plan.workload.document.file
    }
    return tuple(sorted(files))


def _is_checked(plan: Plan) -> bool:
    if plan.model is None:
        return plan.tokens is not None and bool(plan.tokens.allocations)
    return plan.model.weights_bytes is not None


def _with_removals(findings: list[Finding], source: Source) -> list[Finding]:
    """`findings`, those of unused comments with what takes these out."""
    if not any(finding.rule == "IGN001" for finding in findings):
        return findings
    from planner.fix.comments import removed

    return [removed(finding, source.text) if finding.rule == "IGN001" else finding for finding in findings]


def _wanted(
    findings: list[Finding], silenced: list[Silenced], settings: Settings
) -> tuple[list[Finding], list[Silenced]]:
    """Both as `settings` want them, with what they want none of among the silenced."""
    if settings is DEFAULT:
        return findings, silenced
    from planner.settings.choice import at_level
    from planner.suppression import SETTINGS, Silenced

    said = [(finding, at_level(finding, settings)) for finding in findings]
    kept = [
        each._replace(finding=found) if (found := at_level(each.finding, settings)) else each._replace(by=SETTINGS)
        for each in silenced
    ]
    unwanted = [Silenced(finding, SETTINGS) for finding, found in said if found is None]
    return [found for _, found in said if found], kept + unwanted


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
