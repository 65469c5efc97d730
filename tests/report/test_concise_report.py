"""One line per finding."""

from __future__ import annotations

from collections.abc import Callable

from planner.pipeline import Report
from planner.report import LINT, render
from planner.report.style import Style


def show(report: Report, style: Style) -> list[str]:
    return list(render(LINT["concise"], report, style))


def test_a_clean_report_is_empty_when_quiet(reported: Callable[..., Report]) -> None:
    assert show(reported(findings=()), Style(quiet=True)) == []


def test_a_finding_is_its_place_its_rule_and_the_first_line_of_its_message(report: Report) -> None:
    assert show(report, Style(quiet=True)) == [
        "deploy.yaml:2:9: warning TOK001 [undertrained] 4.3 tokens per parameter",
        (
            "deploy.yaml:7:13: error FIT001 [weights-exceed-memory] the weights need 128.48 GiB on each device and "
            "A100 80GB has 79.25 GiB at most: 49.23 GiB too much"
        ),
    ]


def test_what_was_not_checked_and_the_counts_follow(report: Report) -> None:
    assert show(report, Style())[2:] == [
        "deploy.yaml:4: training not checked: no micro-batch is stated",
        "  = help: add `micro_batch_size: 1`",
        "checked 2 configs, 1 not checked (no micro-batch is stated), skipped 12 files · 1 error, 1 warning",
    ]
