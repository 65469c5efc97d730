"""A JUnit report: a suite for each file, a failed case for each finding, a skipped one for what was not checked.

Jenkins' xunit-plugin skips a report with an attribute that its schema (junit-10.xsd) does not know, such as a case's
line. GitLab shows one of the cases with the same name in a class (docs.gitlab.com/ci/testing/unit_test_reports).
"""

from __future__ import annotations

from collections import Counter
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
        named = _attribute(called(file))
        yield f"  <testsuite name={named} file={named} {counts}>"
        for case in cases:
            yield from case
        yield "  </testsuite>"
    yield "</testsuites>"


def _suite(file: str, findings: list[Finding], missed: list[Unchecked]) -> tuple[str, list[list[str]]]:
    seen: Counter[str] = Counter()
    cases = [_failed(finding, seen) for finding in findings] + [_skipped(item, seen) for item in missed]
    return file, cases or [[f'    <testcase name="planner" classname={_attribute(called(file))}/>']]


def _failed(finding: Finding, seen: Counter[str]) -> list[str]:
    head, *working = escape.lines("\n".join(filter(None, (finding.message, finding.help))))
    failure = f"<failure type={_attribute(finding.level)} message={_attribute(head)}>"
    name = f"{finding.rule} {finding.name}{': ' if finding.field else ''}{finding.field}"
    return [
        _case(finding.file, name, seen),
        f"      {failure}{_text(f'line {finding.line}, column {finding.column}: {head}')}",
        *(_text(line) for line in working),
        "      </failure>",
        "    </testcase>",
    ]


def _skipped(item: Unchecked, seen: Counter[str]) -> list[str]:
    why = "; ".join(filter(None, (item.because, item.mend)))
    return [
        _case(item.file, f"{item.what} not checked", seen),
        f"      <skipped message={_attribute(why)}>{_text(f'line {item.line}')}</skipped>",
        "    </testcase>",
    ]


def _case(file: str, name: str, seen: Counter[str]) -> str:
    """The head of a case, with a number among those of its file that have the same name."""
    name = escape.text(name)
    seen[name] += 1
    number = f" ({seen[name]})" if seen[name] > 1 else ""
    return f"    <testcase name={_attribute(f'{name}{number}')} classname={_attribute(called(file))}>"


def _text(value: str) -> str:
    from xml.sax.saxutils import escape as escaped

    return escaped(escape.unmeant(escape.text(value))).encode("ascii", "xmlcharrefreplace").decode()


def _attribute(value: str) -> str:
    return '"{}"'.format(_text(value).replace('"', "&quot;"))
