"""Many reasons why things were not checked."""

from __future__ import annotations

from planner.outcome import Unchecked
from planner.report import summary
from planner.report.reasons import KINDS
from planner.report.style import Style


def unchecked(number: int, because: str, mend: str = "name one") -> Unchecked:
    return Unchecked(f"{number}.yaml", 0, number, "model", because, mend)


def test_a_few_reasons_are_told_one_by_one() -> None:
    items = [unchecked(n, f"the model org/m-{n} is not known") for n in range(1, summary.TOLD + 1)]
    shown = list(summary.not_checked(items, Style()))
    assert len(shown) == 2 * summary.TOLD
    assert shown[0] == "1.yaml:1: model not checked: the model org/m-1 is not known"


def test_many_are_told_by_kind_with_the_most_frequent_first() -> None:
    items = [unchecked(100, "no context is stated", "")]
    items += [unchecked(n, f"the model org/m-{n} is not known") for n in range(1, 31)]
    assert list(summary.not_checked(items, Style())) == [
        "model not checked: the model … is not known (30 places in 30 files)",
        "  1.yaml:1: the model org/m-1 is not known",
        "  2.yaml:2: the model org/m-2 is not known",
        "  and 28 more",
        "  = help: name one",
        "model not checked: no context is stated (1 place in 1 file)",
        "  100.yaml:100",
        "`--format json` lists every place with its reason",
    ]


def test_kinds_beyond_the_most_frequent_are_counted() -> None:
    words = [chr(ord("a") + n) * 5 for n in range(KINDS + 3)]
    shown = list(summary.not_checked([unchecked(n, word) for n, word in enumerate(words)], Style()))
    assert shown[-2] == "and 3 places for 3 other reasons"
