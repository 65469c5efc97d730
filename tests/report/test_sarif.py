"""SARIF: valid under the schema of OASIS, and as GitHub's code scanning wants it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from planner import rules
from planner.finding import Finding
from planner.pipeline import Report
from planner.report import LINT, render, sarif
from planner.report.style import Style
from planner.suppression import Silenced


def log(report: Report) -> Any:
    return json.loads("\n".join(render(LINT["sarif"], report, Style())))


def run(report: Report) -> Any:
    (found,) = log(report)["runs"]
    return found


def test_it_is_valid_under_the_official_schema(report: Report, sarif_schema: Any) -> None:
    from jsonschema import Draft7Validator

    silenced = (Silenced(report.findings[0], "comment", "on purpose"), Silenced(report.findings[1], "baseline"))
    validator = Draft7Validator(sarif_schema)
    for each in (
        report,
        report._replace(findings=(), silenced=silenced),
        report._replace(findings=(), not_checked=(), plans=()),
    ):
        assert [error.message for error in validator.iter_errors(log(each))] == []


def test_every_rule_has_its_page(report: Report) -> None:
    found = run(report)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in found] == list(rules.every())
    for rule in found:
        assert rule["helpUri"].endswith(f"/docs/rules/{rule['id']}.md")
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 20


def test_a_result_points_at_its_rule_and_its_place(report: Report) -> None:
    found = run(report)
    result = found["results"][1]
    assert result["ruleId"] == "FIT001"
    assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "FIT001"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "deploy.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 7, "startColumn": 13, "endLine": 7, "endColumn": 47}
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "128.48 GiB of weights"
    assert found["columnKind"] == "unicodeCodePoints"


def test_notes_are_the_level_of_info(reported: Callable[..., Report], report: Report) -> None:
    found = run(reported(findings=(report.findings[0]._replace(level="info"),)))
    assert found["results"][0]["level"] == "note"


def test_what_is_silenced_is_there_and_suppressed(report: Report) -> None:
    silenced = (Silenced(report.findings[1], "comment", "cards are on order"),)
    found = run(report._replace(findings=report.findings[:1], silenced=silenced))["results"]
    assert [each["suppressions"] for each in found] == [
        [], [{"kind": "inSource", "justification": "cards are on order"}]
    ]  # fmt: skip
    known = run(report._replace(findings=(), silenced=(Silenced(report.findings[1], "baseline"),)))["results"]
    assert known[0]["suppressions"] == [{"kind": "external"}]


def test_fingerprints_survive_lines_above_and_new_figures(report: Report) -> None:
    before = [each["partialFingerprints"] for each in run(report)["results"]]
    moved = [each._replace(line=each.line + 5, end_line=each.end_line + 5, message="x") for each in report.findings]
    assert [each["partialFingerprints"] for each in run(report._replace(findings=tuple(moved)))["results"]] == before
    twice = report._replace(findings=(*report.findings, report.findings[0]._replace(line=30)))
    assert len({str(each["partialFingerprints"]) for each in run(twice)["results"]}) == 3


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ü.yaml", "a%20b/%C3%BC.yaml"),
        ("./a/../b.yaml", "b.yaml"),
        ("a%.yaml", "a%25.yaml"),
        ("\udce9.yaml", "%E9.yaml"),
        ("::error::x", "%3A%3Aerror%3A%3Ax"),
        ("/elsewhere/a.yaml", "file:///elsewhere/a.yaml"),
    ],
)
def test_uris_are_relative_and_percent_encoded(report: Report, file: str, uri: str) -> None:
    found = run(report._replace(findings=(report.findings[0]._replace(file=file),)))["results"][0]
    artifact = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) is not uri.startswith("file:")


def test_what_was_not_checked_is_a_notification(report: Report) -> None:
    (invocation,) = run(report)["invocations"]
    assert invocation["executionSuccessful"]
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        "training not checked: no micro-batch is stated"
    ]
    assert not run(report._replace(unreadable=("x",)))["invocations"][0]["executionSuccessful"]


def test_a_run_has_as_many_results_as_github_takes(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    note = Finding("a.yaml", 1, 1, 1, 2, "TOK001", "undertrained", "info", "", "m")
    findings = tuple(note._replace(line=line) for line in range(1, 9)) + report.findings
    found = run(report._replace(findings=findings))
    assert [each["level"] for each in found["results"]] == ["note", "warning", "error"]
    assert "7 more findings are left out" in str(found["invocations"])
