"""The report for people, as people see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.finding import Finding, Related
from planner.pipeline import Report, Unchecked
from planner.report import LINT, render
from planner.report.style import Style

Reported = Callable[..., Report]


def show(report: Report, style: Style = Style()) -> str:  # noqa: B008  immutable
    return "\n".join(render(LINT["text"], report, style))


def test_a_report_without_findings_is_one_line(reported: Reported) -> None:
    report = reported(findings=(), plans=(), not_checked=(), checked=3)
    assert show(report) == "checked 3 configs, skipped 12 files · no findings"


def test_a_clean_report_says_nothing_when_quiet_or_without_summary(reported: Reported) -> None:
    report = reported(findings=(), not_checked=())
    assert show(report, Style(quiet=True)) == ""
    assert show(report, Style(summary=False)) == ""


def test_findings_stand_with_their_lines_and_what_would_mend_them(report: Report) -> None:
    assert (
        show(report, Style(width=80))
        == """\
deploy.yaml:2:9: warning TOK001 undertrained
  4.3 tokens per parameter
  |
2 |   name: meta-llama/Llama-2-70b-hf
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: train on 1.38T

deploy.yaml:7:13: error FIT001 weights-exceed-memory
  the weights need 128.48 GiB on each device and A100 80GB has 79.25 GiB at
  most: 49.23 GiB too much
  68,976,648,192 parameters in bfloat16 = 128.48 GiB (137.95 GB)
  |
3 |   dtype: bfloat16
  |          -------- 128.48 GiB of weights
...
7 |   hardware: {accelerator: A100-80GB, count: 1}
  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: tensor_parallel: 2 leaves 5.10 GiB for the KV cache
          quantization: awq needs 33.20 GiB

deploy.yaml:4: training not checked: no micro-batch is stated
  = help: add `micro_batch_size: 1`

checked 2 configs, 1 not checked (no micro-batch is stated), skipped 12 files · 1 error, 1 warning"""
    )


def test_a_related_place_in_another_file_shows_that_file(reported: Reported, source_of: Callable[[str], Any]) -> None:
    related = Related("hardware.yaml", 2, 8, 2, 9, "one card")
    finding = Finding("a.yaml", 1, 1, 1, 6, "FIT001", "n", "error", "", "too big", "", (related,))
    sources = {"a.yaml": source_of("model: x"), "hardware.yaml": source_of("accelerator: A100\ncount: 1")}
    assert (
        show(reported(findings=(finding,), sources=sources), Style(quiet=True))
        == """\
a.yaml:1:1: error FIT001 n
  too big
  |
1 | model: x
  | ^^^^^
  --> hardware.yaml:2:8
  |
2 | count: 1
  |        - one card
"""
    )


def test_without_the_text_of_a_file_places_are_only_named(reported: Reported) -> None:
    finding = Finding(
        "a.yaml", 1, 1, 1, 6, "FIT001", "n", "error", "", "too big", "", (Related("b.yaml", 2, 8, 2, 9, "one"),)
    )
    report = reported(findings=(finding,), sources={})
    assert show(report, Style(quiet=True)) == "a.yaml:1:1: error FIT001 n\n  too big\n  = also b.yaml:2:8: one\n"


def test_a_file_without_text_has_no_lines_to_show(reported: Reported, source_of: Callable[[str], Any]) -> None:
    finding = Finding("gone.yaml", 1, 1, 1, 1, "CFG002", "unreadable-file", "error", "", "no such file")
    report = reported(findings=(finding,), sources={"gone.yaml": source_of("")})
    assert show(report, Style(quiet=True)) == "gone.yaml:1:1: error CFG002 unreadable-file\n  no such file\n"


def test_one_reason_in_many_places_is_not_repeated_for_each(reported: Reported) -> None:
    places = tuple(
        Unchecked(f"{i}.yaml", 0, 1, "serving", "no hardware is stated", "add `hardware:`") for i in range(9)
    )
    shown = show(reported(findings=(), not_checked=places))
    assert shown.count("no hardware is stated") == 4
    assert "and 6 more places for the same reason" in shown
    assert shown.count("add `hardware:`") == 1


def test_what_a_finding_says_at_the_same_place_is_not_said_again(reported: Reported, report: Report) -> None:
    told = report.findings[0]._replace(rule="REF003", file="a.yaml", line=4)
    place = Unchecked("a.yaml", 0, 4, "serving", "no hardware is stated", "add `hardware:`")
    assert "not checked:" not in show(reported(findings=(told,), not_checked=(place,)))
    for other in (place._replace(line=9), place._replace(what="model"), place._replace(file="b.yaml")):
        assert "not checked:" in show(reported(findings=(told,), not_checked=(other,)))
    assert "serving not checked:" in show(reported(findings=(), not_checked=(place,)))


def test_a_reason_is_left_to_the_list_when_there_are_several(reported: Reported) -> None:
    places = (Unchecked("a.yaml", 0, 1, "serving", "one", ""), Unchecked("b.yaml", 0, 1, "serving", "two", ""))
    assert "2 not checked, skipped" in show(reported(findings=(), not_checked=places))


def test_unreadable_files_are_counted(reported: Reported) -> None:
    assert "1 unreadable" in show(reported(unreadable=("gone.yaml",)))


def test_colour_is_never_used_unless_asked_for(report: Report) -> None:
    assert "\x1b" not in show(report)


def test_colour_adds_nothing_but_colour(report: Report) -> None:
    import re

    coloured = show(report, Style(color=True))
    assert "\x1b[1;31merror FIT001\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == show(report)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_of_words_is_wider_than_the_terminal(report: Report, width: int) -> None:
    lines = show(report, Style(width=width, summary=False)).split("\n")
    assert all(
        len(line) <= width for line in lines if ":7:" not in line and ":2:" not in line and "not checked" not in line
    )
