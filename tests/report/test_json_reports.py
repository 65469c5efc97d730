"""The reports for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from planner.finding import Edit, Repair
from planner.pipeline import Report
from planner.plan.types import Plan
from planner.report import LINT, PLAN, render
from planner.report.json_text import dump
from planner.report.style import Style


def lint(report: Report) -> Any:
    return json.loads("\n".join(render(LINT["json"], report, Style())))


def plan(report: Report) -> Any:
    return json.loads("\n".join(render(PLAN["json"], report, Style())))


def test_an_empty_report_has_every_key(reported: Callable[..., Report]) -> None:
    report = reported(findings=(), not_checked=(), checked=0, skipped=0)
    nothing = {
        "findings": [],
        "checked": 0,
        "not_checked": [],
        "skipped": 0,
        "silenced": [],
        "switched_off": 0,
        "fixed": 0,
    }
    assert lint(report) == {"version": 1, **nothing}


def test_a_finding_has_its_place_and_its_related_places(report: Report) -> None:
    finding = lint(report)["findings"][1]
    place = {name: finding.pop(name) for name in ("file", "line", "column", "end_line", "end_column")}
    assert place == {"file": "deploy.yaml", "line": 7, "column": 13, "end_line": 7, "end_column": 47}
    assert finding.pop("related") == [
        {
            "file": "deploy.yaml",
            "line": 3,
            "column": 10,
            "end_line": 3,
            "end_column": 18,
            "message": "128.48 GiB of weights",
        }
    ]
    assert finding.pop("fix") is None
    assert set(finding) == {"rule", "name", "level", "field", "message", "help"}


def test_a_fix_has_all_its_edits(reported: Callable[..., Report]) -> None:
    found = reported()
    edit = Edit("deploy.yaml", 7, 13, 7, 15, "4")
    mended = found.findings[0]._replace(repair=Repair(True, "set tensor_parallel to 4", (edit,)))
    assert lint(found._replace(findings=(mended,)))["findings"][0]["fix"] == {
        "safety": "safe",
        "message": "set tensor_parallel to 4",
        "edits": [
            {"file": "deploy.yaml", "line": 7, "column": 13, "end_line": 7, "end_column": 15, "text": "4"},
        ],
    }
    conforms("lint", lint(found._replace(findings=(mended,))))


def test_what_was_not_checked_says_why_and_what_would_mend_it(report: Report) -> None:
    assert lint(report)["not_checked"][0]["because"] == "no micro-batch is stated"
    assert lint(report)["not_checked"][0]["mend"] == "add `micro_batch_size: 1`"


def test_a_plan_has_every_section_in_bytes_and_tokens(report: Report) -> None:
    found = plan(report)["plans"][0]
    assert (found["file"], found["document"], found["line"], found["format"]) == ("deploy.yaml", 0, 1, "native")
    assert found["model"]["parameters"] == {
        "total": 68976648192, "active": 68976648192, "embedding": 524288000,
        "attention": 12079595520, "ffn": 56371445760, "other": 1318912,
    }  # fmt: skip
    assert found["model"]["weights_bytes"] == 137953296384
    assert found["serving"]["per_device"]["budget_bytes"] == 72 << 30
    assert found["training"]["per_device"]["peak_bytes"] == 53 << 30
    assert found["tokens"]["laws"] == {"chinchilla": 1380 * 10**9, "hoffmann-1": 1400 * 10**9, "kaplan": None}
    assert type(found["tokens"]["flops"]) is int
    assert found["not_checked"][0]["what"] == "training"


def test_what_is_unknown_is_null(planned: Callable[..., Plan], reported: Callable[..., Report]) -> None:
    whole = planned()
    model = whole.model._replace(parameters=None, weights_bytes=None)  # type: ignore[union-attr]
    found = plan(reported(plans=(planned(model=model, serving=None, training=None, tokens=None),)))["plans"][0]
    assert found["serving"] is found["training"] is found["tokens"] is None
    assert found["model"]["parameters"]["ffn"] is None
    assert found["model"]["weights_bytes"] is None


def test_a_plan_carries_the_findings_of_its_document(report: Report) -> None:
    assert [finding["rule"] for finding in plan(report)["plans"][0]["findings"]] == ["TOK001", "FIT001"]


def test_no_number_is_one_that_json_has_not(planned: Callable[..., Plan], reported: Callable[..., Report]) -> None:
    serving = planned().serving._replace(max_concurrency=math.inf)  # type: ignore[union-attr]
    found = plan(reported(plans=(planned(serving=serving),)))
    assert found["plans"][0]["serving"]["max_concurrency"] is None


def test_a_file_name_that_is_not_utf8_is_still_json_for_everyone() -> None:
    assert json.loads(dump({"file": "caf\udce9.yaml"})) == {"file": "caf\\xe9.yaml"}


def conforms(name: str, value: Any) -> None:
    """Fail unless `value` is as the published schema says."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    from planner.schema import load

    Draft202012Validator(load(name), registry=Registry()).validate(value)


def test_lint_prints_what_its_schema_says(report: Report, reported: Callable[..., Report]) -> None:
    conforms("lint", lint(report))
    conforms("lint", lint(reported(findings=(), not_checked=())))


def test_plan_prints_what_its_schema_says(
    report: Report, planned: Callable[..., Plan], reported: Callable[..., Report]
) -> None:
    conforms("plan", plan(report))
    conforms("plan", plan(reported(plans=())))
    conforms("plan", plan(reported(plans=(planned(model=None, serving=None, training=None, tokens=None),))))


def test_every_key_that_the_schema_knows_is_printed(report: Report) -> None:
    from planner.schema import load

    schema: Any = load("plan")
    properties = schema["$defs"]["plan"]["properties"]
    found = plan(report)["plans"][0]
    assert set(found) == set(properties)
    for section in ("model", "serving", "training", "tokens"):
        assert set(found[section]) == set(properties[section]["properties"]), section
