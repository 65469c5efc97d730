"""What is remembered is bounded, and never mistakes one thing for another."""

from __future__ import annotations

import pytest

from planner.memo import LONGEST, MOST, by_identity, same


def test_the_very_same_argument_is_answered_from_memory() -> None:
    asked = []

    @by_identity
    def length(subject: list[int], factor: int) -> int:
        asked.append(subject)
        return len(subject) * factor

    one, other = [1, 2], [1, 2]
    assert [length(one, 1), length(one, 1), length(one, 2), length(other, 1)] == [2, 2, 4, 2]
    assert [id(each) for each in asked] == [id(one), id(one), id(other)]


def test_the_oldest_answer_makes_room() -> None:
    asked = []

    @by_identity
    def ask(subject: object) -> object:
        asked.append(subject)
        return subject

    subjects = [object() for _ in range(MOST + 1)]
    for subject in subjects:
        ask(subject)
    asked.clear()
    ask(subjects[-1])
    assert asked == []
    ask(subjects[0])
    assert asked == [subjects[0]]


def test_values_that_are_written_alike_are_one() -> None:
    one, other = ({"layers": 2, "rope": {"factor": 2.0}, "kinds": ["a", None]} for _ in range(2))
    assert one is not other
    assert same(one) is same(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1}, {"a": "1"}),
        ({"a": None}, {"a": "None"}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": True}}),
        ({"a": 0.0}, {"a": -0.0}),
        ({"a": "b': 'c"}, {"a": 'b": "c'}),
    ],
)
def test_what_is_written_otherwise_stays_apart(one: object, other: object) -> None:
    assert same(one) is not same(other)


def test_a_huge_value_is_not_kept() -> None:
    one, other = ["x" * LONGEST], ["x" * LONGEST]
    same(one)
    assert same(other) is other
