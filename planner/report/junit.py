"""A JUnit report: a suite for each file, a failed case for each finding, a skipped one for what was not checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import escape
from planner.report.place_names import called

if TYPE_CHECKING:
    from planner.finding import Finding
    from planner.pipeline import Report, Unchecked
    from planner.report.style import Style


def render(report: Report, style: Style) -> Iterator[str]:
    """The report as XML in ASCII."""
    return escape.guarded(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    found: dict[str, list[Finding]] = {file: [] for file in report.sources}
    missed: dict[str, list[Unchecked]] = {}
    for finding in report.findings:
        found.setdefault(finding.file, []).append(finding)
    for item in report.not_checked:
        missed.setdefault(item.file, []).append(item)
        found.setdefault(item.file, [])
    suites = [_suite(file, findings, missed.get(file, [])) for file, findings in sorted(found.items())]
    tests = sum(len(cases) for _, cases in suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="planner" tests="{tests}" failures="{len(report.findings)}" errors="0">'
    for file, cases in suites:
        counts = f'tests="{len(cases)}" failures="{len(found[file])}" errors="0" skipped="{len(missed.get(file, ()))}"'
        yield f"  <testsuite name={_attribute(called(file))} {counts}>"
        for case in cases:
            yield from case
        yield "  </testsuite>"
    yield "</testsuites>"


def _suite(file: str, findings: list[Finding], missed: list[Unchecked]) -> tuple[str, list[list[str]]]:
    cases = [_failed(finding) for finding in findings] + [_skipped(item) for item in missed]
    return file, cases or [[f'    <testcase name="planner" classname={_attribute(called(file))}/>']]


def _failed(finding: Finding) -> list[str]:
    head, *working = escape.lines("\n".join(filter(None, (finding.message, finding.help))))
    failure = f"<failure type={_attribute(finding.level)} message={_attribute(head)}>"
    return [
        f"    <testcase name={_attribute(f'{finding.rule} {finding.name}')} {_place(finding.file, finding.line)}>",
        f"      {failure}{_text(f'line {finding.line}, column {finding.column}: {head}')}",
        *(_text(line) for line in working),
        "      </failure>",
        "    </testcase>",
    ]


def _skipped(item: Unchecked) -> list[str]:
    why = "; ".join(filter(None, (item.because, item.mend)))
    return [
        f"    <testcase name={_attribute(f'{item.what} not checked')} {_place(item.file, item.line)}>",
        f"      <skipped message={_attribute(why)}/>",
        "    </testcase>",
    ]


def _place(file: str, line: int) -> str:
    return f'classname={_attribute(called(file))} file={_attribute(called(file))} line="{line}"'


def _text(value: str) -> str:
    from xml.sax.saxutils import escape as escaped

    return escaped(escape.text(value).replace("##[", "##\\[")).encode("ascii", "xmlcharrefreplace").decode()


def _attribute(value: str) -> str:
    return '"{}"'.format(_text(value).replace('"', "&quot;"))
