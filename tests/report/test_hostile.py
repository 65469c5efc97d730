"""Whatever a config, its file name or an error message contains: every reporter says it, and nothing obeys it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planner.cli.terminal  # noqa: F401  registers the error handler of the streams
from planner.finding import LEVELS, Edit, Finding, Related, Repair
from planner.pipeline import Report, Unchecked
from planner.plan.types import DeviceMemory, Fix, ModelPlan, Plan, ServingPlan, TokensPlan
from planner.report import LINT, PLAN, render
from planner.report.style import Style
from planner.suppression import Silenced
from planner.workload import Model, NotChecked, Workload

PARTS = st.one_of(
    st.sampled_from(
        ["::error::x", "##[error]", "##[", "##vso[a.b]", "##teamcity[x]",
         "::", "\n", "\r", "\x1b[31m", "\x00", "\x7f", "\x85", "\u2028", "\u202e",
         "\udce9", "\ud800", "\t", " ", "模型", "🤖", "e\u0301", "%0A", "]]>", "<&>"]
    ),
    st.text(st.characters(exclude_categories=()), max_size=6),
)  # fmt: skip
HOSTILE = st.lists(PARTS, max_size=6).map("".join)
NUMBER = st.integers(1, 30)


class Text:
    def __init__(self, text: str) -> None:
        self.text = text

    def line(self, number: int) -> str:
        return self.text


EDITS = st.builds(Edit, HOSTILE, NUMBER, NUMBER, NUMBER, NUMBER, HOSTILE)
REPAIRS = st.builds(Repair, st.booleans(), HOSTILE, st.lists(EDITS, max_size=2).map(tuple))
FINDINGS = st.builds(
    Finding, HOSTILE, NUMBER, NUMBER, NUMBER, NUMBER, st.just("FIT001"), st.just("weights-exceed-memory"),
    st.sampled_from(LEVELS), HOSTILE, HOSTILE, HOSTILE,
    st.lists(st.builds(Related, HOSTILE, NUMBER, NUMBER, NUMBER, NUMBER, HOSTILE), max_size=2).map(tuple),
    REPAIRS,
)  # fmt: skip


NOWHERE = SimpleNamespace(line=0, column=0)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    document: Any = SimpleNamespace(file=draw(HOSTILE), index=0, line=1, span=lambda _: NOWHERE)
    workload = Workload(document, "native", draw(HOSTILE), Model("m"))
    model = ModelPlan(
        draw(HOSTILE), draw(HOSTILE), None, None, 7, 7, draw(HOSTILE), draw(HOSTILE), 14, 4096, notes=(draw(HOSTILE),)
    )
    device = DeviceMemory(None, None, None, None, 14, 14, None, None, None, None, None)
    serving = ServingPlan(
        draw(HOSTILE), draw(HOSTILE), 4096, 1, "bfloat16", 4, None, 5, 5, 1, device, None, None, None, 9, None,
        "unknown", (Fix("context", "1", draw(HOSTILE)),), (draw(HOSTILE),), accelerators_that_fit=(draw(HOSTILE),),
    )  # fmt: skip
    tokens = TokensPlan(5, 5, 1.0, 9, 1, 10, {draw(HOSTILE): 9}, 1e9, None, "ok", working=draw(HOSTILE))
    unchecked = NotChecked(draw(HOSTILE), draw(HOSTILE), draw(HOSTILE))
    return Plan(workload, model, serving, None, tokens, (unchecked,))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    findings = tuple(draw(st.lists(FINDINGS, max_size=3)))
    sources: Any = {finding.file: Text(draw(HOSTILE)) for finding in findings}
    unchecked = st.builds(Unchecked, HOSTILE, st.just(0), NUMBER, HOSTILE, HOSTILE, HOSTILE)
    return Report(
        findings,
        tuple(draw(st.lists(plans(), max_size=2))),
        sources,
        1,
        tuple(draw(st.lists(unchecked, max_size=2))),
        0,
        (),
    )


OBEYED = re.compile(r"##\w*\[")
"""What GitHub's runner, Azure's agent and TeamCity obey anywhere in a line."""
STYLES = st.builds(Style, st.just(False), st.integers(40, 120), st.booleans(), st.booleans())
EVERY = [*LINT.values(), *PLAN.values()]
COMMANDS = LINT["github"]
"""The one reporter whose lines are commands."""
calm = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lines(module: str, report: Report, style: Style) -> Iterator[str]:
    for text in render(module, report, style):
        yield from text.split("\n")


@pytest.mark.parametrize("module", [module for module in EVERY if module != COMMANDS])
@given(report=reports(), style=STYLES)
@calm
def test_nothing_steers_the_terminal_or_the_runner(module: str, report: Report, style: Style) -> None:
    for line in lines(module, report, style):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert not OBEYED.search(line)


@pytest.mark.parametrize("module", EVERY)
@given(report=reports())
@calm
def test_every_stream_takes_it(module: str, report: Report) -> None:
    for line in lines(module, report, Style()):
        for encoding in ("ascii", "cp1252", "utf-8"):
            line.encode(encoding, "planner")


@given(reports())
@calm
def test_concise_has_one_line_for_each_finding(report: Report) -> None:
    found = list(lines(LINT["concise"], report, Style(quiet=True)))
    assert len(found) == len(report.findings)


@given(reports())
@calm
def test_text_has_one_heading_for_each_finding(report: Report) -> None:
    headings = [line for line in lines(LINT["text"], report, Style()) if line.endswith(" FIT001 weights-exceed-memory")]
    assert len(headings) >= len(report.findings)


@given(reports())
@calm
def test_json_has_every_finding_with_its_words(report: Report) -> None:
    found = json.loads("\n".join(render(LINT["json"], report, Style())))
    assert [item["line"] for item in found["findings"]] == [finding.line for finding in report.findings]
    for item, finding in zip(found["findings"], report.findings, strict=True):
        if finding.message.isascii():
            assert item["message"] == finding.message


@given(reports())
@calm
def test_json_has_every_plan(report: Report) -> None:
    found = json.loads("\n".join(render(PLAN["json"], report, Style())))
    assert len(found["plans"]) == len(report.plans)


@given(reports())
@calm
def test_json_lines_have_every_finding(report: Report) -> None:
    found = [json.loads(line) for line in render(LINT["jsonl"], report, Style())]
    assert [item["line"] for item in found if item["type"] == "finding"] == [each.line for each in report.findings]
    assert [item["line"] for item in found if item["type"] == "not_checked"] == [
        each.line for each in report.not_checked
    ]
    assert found[-1]["type"] == "summary"


ANNOTATION = re.compile(
    r"::(error|warning|notice) file=([^:,\x00-\x1f]*),line=\d+(,endLine=\d+)?(,col=\d+,endColumn=\d+)?"
    r",title=([^:,\x00-\x1f]*)::([^\x00-\x1f]*)"
)


@given(reports())
@calm
def test_annotations_are_ours_alone(report: Report) -> None:
    found = list(lines(COMMANDS, report, Style(quiet=True)))
    assert len(found) == len(report.findings)
    for line in [*found, *lines(COMMANDS, report, Style())]:
        assert ANNOTATION.fullmatch(line)
        assert line.isprintable()
        assert not OBEYED.search(line)


@given(reports())
@calm
def test_gitlab_has_every_finding_under_a_fingerprint_of_its_own(report: Report) -> None:
    found = json.loads("\n".join(render(LINT["gitlab"], report, Style())))
    assert [item["location"]["lines"]["begin"] for item in found] == [finding.line for finding in report.findings]
    assert len({item["fingerprint"] for item in found}) == len(found)


@given(reports())
@calm
def test_junit_has_every_finding(report: Report) -> None:
    root = ElementTree.fromstring("\n".join(render(LINT["junit"], report, Style())))
    assert len(root.findall(".//failure")) == len(report.findings) == int(root.attrib["failures"])
    assert len(root.findall(".//skipped")) == len(report.not_checked)
    cases = root.findall(".//testcase")
    assert len(cases) == int(root.attrib["tests"])
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(cases)


@given(reports())
@calm
def test_sarif_has_every_finding_once(report: Report) -> None:
    report = report._replace(silenced=tuple(Silenced(each, "comment", each.message) for each in report.findings[:1]))
    (run,) = json.loads("\n".join(render(LINT["sarif"], report, Style())))["runs"]
    assert len(run["results"]) == len(set(report.findings))
    marks = {result["partialFingerprints"]["planner/v1"] for result in run["results"]}
    assert len(marks) == len(run["results"])
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(file:///)?[A-Za-z0-9._~%/-]+", uri)
        assert ".." not in uri.split("/")
        assert "](" not in result["message"]["text"]
        assert isinstance(result["suppressions"], list)


@given(report=reports())
@settings(calm, max_examples=10)
def test_sarif_is_valid_whatever_it_holds(sarif_schema: Any, report: Report) -> None:
    from jsonschema import Draft7Validator

    report = report._replace(silenced=tuple(Silenced(each, "comment", each.message) for each in report.findings[:1]))
    found = json.loads("\n".join(render(LINT["sarif"], report, Style())))
    assert [error.message for error in Draft7Validator(sarif_schema).iter_errors(found)] == []


MARKUP = re.compile(
    r"<(?!br>)|(?<!\\)`|!\[|\]\((?!https://github\.com/your-org/planner/blob/main/docs/rules/)|@(?!&#8203;)"
)


@given(reports())
@calm
def test_markdown_has_a_row_for_each_finding_and_no_markup_of_others(report: Report) -> None:
    found = list(lines(LINT["markdown"], report, Style()))
    rows = [line for line in found if line.startswith(("| error |", "| warning |", "| info |"))]
    assert len(rows) == len(report.findings)
    assert all(row.count("|") == 6 for row in rows)
    assert not [line for line in found if MARKUP.search(line)]
