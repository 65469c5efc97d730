"""Which findings go with which plan."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from planner.finding import Finding
from planner.pipeline import Report
from planner.plan.types import Plan
from planner.report.by_plan import split
from planner.workload import Origin


def finding(file: str, line: int) -> Finding:
    return Finding(file, line, 1, line, 2, "FIT001", "n", "error", "", "m")


@pytest.fixture(name="at")
def _at(planned: Callable[..., Plan]) -> Callable[..., Plan]:
    def at(file: str, line: int, **origins: Origin) -> Plan:
        document: Any = SimpleNamespace(file=file, index=0, line=line)
        return planned(workload=planned().workload._replace(document=document, origins=origins))

    return at


def test_findings_of_a_file_without_plans_belong_to_none(
    at: Callable[..., Plan], reported: Callable[..., Report]
) -> None:
    lost = finding("broken.yaml", 1)
    assert split(reported(findings=(lost,), plans=(at("a.yaml", 1),))) == ([[]], [lost])


def test_each_document_of_a_file_has_its_own(at: Callable[..., Plan], reported: Callable[..., Report]) -> None:
    first, second = finding("a.yaml", 4), finding("a.yaml", 12)
    plans = (at("a.yaml", 2), at("a.yaml", 10))
    assert split(reported(findings=(first, second), plans=plans)) == ([[first], [second]], [])


def test_what_stands_above_the_first_document_belongs_to_it(
    at: Callable[..., Plan], reported: Callable[..., Report]
) -> None:
    comment = finding("a.yaml", 1)
    plans = (at("a.yaml", 2), at("a.yaml", 10))
    assert split(reported(findings=(comment,), plans=plans)) == ([[comment], []], [])


def test_a_section_kept_elsewhere_belongs_to_those_who_refer_to_it(
    at: Callable[..., Plan], reported: Callable[..., Report]
) -> None:
    elsewhere: Any = SimpleNamespace(file="model.yaml", index=0, line=1)
    shared = finding("model.yaml", 3)
    plans = (
        at("a.yaml", 1, model=Origin("key", (), elsewhere)),
        at("b.yaml", 1),
        at("c.yaml", 1, model=Origin("key", (), elsewhere)),
    )
    assert split(reported(findings=(shared,), plans=plans)) == ([[shared], [], [shared]], [])


def test_of_plans_in_one_document_it_is_the_one_whose_value_it_marks(
    planned: Callable[..., Plan], reported: Callable[..., Report]
) -> None:
    def service(line: int) -> Plan:
        document: Any = SimpleNamespace(
            file="a.yaml", index=0, line=1, span=lambda _: SimpleNamespace(line=line, column=1)
        )
        return planned(workload=planned().workload._replace(document=document))

    first, second, comment = finding("a.yaml", 4), finding("a.yaml", 12), finding("a.yaml", 20)
    found = split(reported(findings=(first, second, comment), plans=(service(4), service(12))))
    assert found == ([[first, comment], [second, comment]], [])
