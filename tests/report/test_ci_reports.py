"""What CI systems read: annotations of GitHub, Code Quality of GitLab, JUnit, a job's summary in Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from planner.pipeline import Report, Unchecked
from planner.report import LINT, render
from planner.report.style import Style

Reported = Callable[..., Report]


def lines(form: str, report: Report, **style: Any) -> list[str]:
    return list(render(LINT[form], report, Style(**style)))


def test_annotations_come_with_the_worst_first(report: Report) -> None:
    error, warning, notice = lines("github", report)
    assert error.startswith(
        "::error file=deploy.yaml,line=7,endLine=7,col=13,endColumn=47,title=FIT001 weights-exceed-memory::the weights"
    )
    assert error.endswith("%0Atensor_parallel: 2 leaves 5.10 GiB for the KV cache%0Aquantization: awq needs 33.20 GiB")
    assert warning.startswith("::warning file=deploy.yaml,line=2,")
    assert notice == (
        "::notice file=deploy.yaml,line=4,title=training not checked::"
        "no micro-batch is stated%0Aadd `micro_batch_size: 1`"
    )
    assert len(lines("github", report, quiet=True)) == 2


def test_columns_are_for_findings_on_one_line(reported: Reported, report: Report) -> None:
    (line,) = lines("github", reported(findings=(report.findings[1]._replace(end_line=9),), not_checked=()))
    assert "line=7,endLine=9,title" in line
    assert "col=" not in line


def test_annotations_are_escaped_as_the_runner_decodes_them(reported: Reported, report: Report) -> None:
    finding = report.findings[0]._replace(file="a,b:c%.yaml", message="100%\r\nof it, or: more", help="")
    (line,) = lines("github", reported(findings=(finding,), not_checked=()))
    assert "file=a%2Cb%3Ac%25.yaml," in line
    assert line.endswith("::100%25\\u{d}%0Aof it, or: more")


def test_reasons_are_annotated_once(reported: Reported) -> None:
    items = tuple(Unchecked(f"{name}.yaml", 0, 1, "model", "it is unknown", "add `parameters`") for name in "abc")
    (line,) = lines("github", reported(findings=(), not_checked=items))
    assert line.endswith("it is unknown%0Aadd `parameters`%0Aand 2 more for the same reason")


GITLAB = {"description": str, "check_name": str, "fingerprint": str, "severity": str, "location": dict}
"""Keys that GitLab requires (docs.gitlab.com/ci/testing/code_quality)."""


def test_gitlab_gets_what_it_requires(report: Report) -> None:
    found = json.loads("\n".join(lines("gitlab", report)))
    for issue in found:
        assert {key: type(issue[key]) for key in GITLAB} == GITLAB
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1
    assert found[1]["location"]["path"] == "deploy.yaml"
    assert found[1]["description"].startswith("FIT001 weights-exceed-memory: the weights need 128.48 GiB")


def test_gitlab_knows_a_finding_again(reported: Reported, report: Report) -> None:
    def marks(findings: Any) -> list[str]:
        issues = json.loads("\n".join(lines("gitlab", reported(findings=tuple(findings)))))
        return [issue["fingerprint"] for issue in issues]

    moved = [each._replace(line=each.line + 9, end_line=each.end_line + 9) for each in report.findings]
    assert marks(moved) == marks(report.findings)
    assert len(set(marks([report.findings[0]] * 3))) == 3


def test_an_empty_report_of_gitlab_is_an_empty_list(reported: Reported) -> None:
    assert lines("gitlab", reported(findings=())) == ["[]"]


SUITES = {"name", "time", "tests", "failures", "errors"}
SUITE = {*SUITES, "group", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"}
CASE = {"name", "time", "classname", "group"}
"""Attributes that the schema of Jenkins' xunit-plugin has (junit-10.xsd); it takes no report with any other."""


def test_junit_has_the_shape_that_readers_take(report: Report) -> None:
    """testsuites > testsuite > testcase > failure or skipped, with counts."""
    root = ElementTree.fromstring("\n".join(lines("junit", report)))
    assert (root.tag, root.attrib.keys() <= SUITES) == ("testsuites", True)
    assert [suite.tag for suite in root] == ["testsuite"]
    for suite in root:
        assert {"name", "tests", "failures", "errors"} <= suite.attrib.keys() <= SUITE
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
        for case in suite:
            assert case.tag == "testcase"
            assert {"name"} <= case.attrib.keys() <= CASE
            assert [child.tag for child in case] in ([], ["failure"], ["skipped"])
            assert all(child.attrib.keys() <= {"type", "message"} for child in case)
    failure = root.findall(".//failure")[1]
    assert failure.attrib["type"] == "error"
    assert failure.attrib["message"].startswith("the weights need 128.48 GiB")
    assert (failure.text or "").startswith("line 7, column 13: the weights need 128.48 GiB")
    assert "tensor_parallel: 2 leaves 5.10 GiB" in (failure.text or "")


def test_no_two_cases_of_junit_have_the_same_name(reported: Reported, report: Report) -> None:
    """Of several with the same name in a class, GitLab shows the first."""
    again = tuple(report.findings[1]._replace(line=line, field=field) for line, field in ((9, ""), (11, ""), (13, "x")))
    root = ElementTree.fromstring("\n".join(lines("junit", reported(findings=(*report.findings, *again)))))
    assert [case.attrib["name"] for case in root.iter("testcase")] == [
        "TOK001 undertrained: training.tokens",
        "FIT001 weights-exceed-memory: deployment.hardware",
        "FIT001 weights-exceed-memory",
        "FIT001 weights-exceed-memory (2)",
        "FIT001 weights-exceed-memory: x",
        "training not checked",
    ]


def test_a_clean_file_is_a_passed_case_of_junit(reported: Reported) -> None:
    root = ElementTree.fromstring("\n".join(lines("junit", reported(findings=(), not_checked=()))))
    (case,) = root.findall(".//testcase")
    assert (case.attrib["classname"], list(case)) == ("deploy.yaml", [])


def test_markdown_has_findings_and_the_memory_of_plans(report: Report) -> None:
    found = lines("markdown", report)
    assert found[0] == "## planner: 1 error, 1 warning"
    rows = [line for line in found if line.startswith("| error |")]
    assert rows[0].startswith("| error | [FIT001](https://github.com/")
    assert "| weights | 32.00 GiB |" in found
    assert "| **budget of the engine** | **72.00 GiB** |" in found
    assert "| **needed at the peak** | **53.00 GiB** |" in found
    assert "fits (predicted): 36.00 GiB needed of 72.00 GiB" in found
    assert "training tokens: 300B planned, 1.38T recommended" in found
    assert "- deploy.yaml:&#8203;4: training not checked: no micro-batch is stated" in found


def test_markdown_is_no_longer_than_github_takes(reported: Reported, report: Report) -> None:
    many = tuple(report.findings[0]._replace(line=line) for line in range(1, 1001))
    found = lines("markdown", reported(findings=many))
    assert "and 800 more findings" in found
    assert sum(map(len, found)) < 2**20


@pytest.mark.parametrize(
    "text", ["<img src=x>", "[a](http://b)", "`x`", "**b**", "@everyone", "#12", "a | b", "$x$", "~~s~~", ":smile:"]
)
def test_markdown_of_others_is_text(reported: Reported, report: Report, text: str) -> None:
    finding = report.findings[0]._replace(message=text, help="")
    row = next(line for line in lines("markdown", reported(findings=(finding,))) if line.startswith("| warning |"))
    assert text not in row
