"""The quick NamedTuple behaves as typing's."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing

import pytest

from planner.record import NamedTuple


class Ours(NamedTuple):
    """A record."""

    a: int
    b: str = "b"
    count: int | None = None  # type: ignore[assignment]

    @property
    def double(self) -> int:
        return 2 * self.a


class Theirs(typing.NamedTuple):
    """A record."""

    a: int
    b: str = "b"
    count: int | None = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("args", "named"),
    [((1,), {}), ((1, "x"), {}), ((), {"a": 1}), ((1,), {"count": 3}), ((), {"count": 3, "b": "x", "a": 1})],
)
def test_made_alike(args: tuple[object, ...], named: dict[str, object]) -> None:
    ours, theirs = Ours(*args, **named), Theirs(*args, **named)  # type: ignore[arg-type]
    assert tuple(ours) == tuple(theirs)
    assert ours._asdict() == theirs._asdict()
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._replace(a=5) == theirs._replace(a=5)


@pytest.mark.parametrize(
    ("args", "named"), [((), {}), ((1, "x", 2, 3), {}), ((1,), {"a": 1}), ((1,), {"z": 1}), ((), {"b": "x"})]
)
def test_refused_alike(args: tuple[object, ...], named: dict[str, object]) -> None:
    for record in (Ours, Theirs):
        with pytest.raises(TypeError):
            record(*args, **named)  # type: ignore[arg-type]


def test_a_record_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Ours(1).a = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Ours(1).z = 2  # type: ignore[attr-defined]


def test_fields_defaults_and_methods() -> None:
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert Ours.__match_args__ == Theirs.__match_args__
    assert Ours(4).double == 8
    assert Ours(1, count=7).count == 7


def test_copied_and_pickled() -> None:
    record = Ours(1, "x", 2)
    assert copy.copy(record) == pickle.loads(pickle.dumps(record)) == record
    assert type(pickle.loads(pickle.dumps(record))) is Ours


def test_its_signature_is_that_of_typing() -> None:
    ours, theirs = inspect.signature(Ours), inspect.signature(Theirs)
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]
