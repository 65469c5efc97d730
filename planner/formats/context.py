"""What a format reader is given besides the document."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.source.document import Setting, Source, SourceProblem
    from planner.workload import Hardware, Origin


class Context(NamedTuple):
    """The surroundings of a document."""

    load: Callable[[str], Source | None]
    """Reads another file that the document refers to; never raises."""
    hardware: Hardware | None = None
    """For configs that state none: from a directive, `--hardware` or a profile in the settings."""
    hardware_origin: Origin | None = None


def contexts(source: Source, general: Context) -> Iterator[Context]:
    """`general` as it holds for each document of `source`: a `# planner: hardware=…` comment counts from there on."""
    for index in range(len(source.documents)):
        setting = _in_force(source, index)
        yield _stated(setting, general) if setting else general


def problems(source: Source) -> Iterator[SourceProblem]:
    """Hardware comments that name nothing known."""
    if not source.directives.hardware:
        return
    from planner.formats.resolve import parse_hardware_option
    from planner.source.document import SourceProblem
    from planner.source.limits import MAX_PROBLEMS

    told = 0
    for setting in source.directives.hardware:
        found, wrong = parse_hardware_option(setting.value)
        if found is None or wrong:
            told += 1
            if told > MAX_PROBLEMS:
                return
            message, _, help = (wrong or f"`{setting.value}` is no accelerator").partition("\n")
            yield SourceProblem("REF002", message, setting.span, help)


def _in_force(source: Source, index: int) -> Setting | None:
    """The last hardware comment before the end of the document at `index`."""
    settings = source.directives.hardware
    if settings and index + 1 < len(source.documents):
        end = _separator(source, source.documents[index].line, source.documents[index + 1].line)
        before = bisect_left(settings, end, key=lambda setting: setting.line)
        return settings[before - 1] if before else None
    return settings[-1] if settings else None


def _separator(source: Source, first: int, line: int) -> int:
    """The line of the `---` between `first`, where a document begins, and `line`, where the next one does."""
    while line > first and not source.line(line).startswith("---"):
        line -= 1
    return line


def _stated(setting: Setting, general: Context) -> Context:
    from planner.formats.resolve import parse_hardware_option
    from planner.workload import Origin

    found, _ = parse_hardware_option(setting.value)
    if found is None:
        return general
    note = f"# planner: hardware={setting.value} in line {setting.span.line}"
    return general._replace(hardware=found, hardware_origin=Origin("directive", note=note))
