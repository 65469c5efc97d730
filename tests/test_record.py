"""The quick NamedTuple behaves as typing's."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing

import pytest

from planner import record
from planner.record import NamedTuple

OFTEN: int = record.OFTEN  # type: ignore[attr-defined]  # type checkers see typing's own


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


@pytest.fixture(params=["seldom", "often"])
def ours(request: pytest.FixtureRequest) -> type[Ours]:
    """A record of which there are few, and one that has been made often."""

    class Fresh(NamedTuple):
        a: int
        b: str = "b"
        count: int | None = None  # type: ignore[assignment]

    for index in range(2 * OFTEN if request.param == "often" else 0):
        Fresh(a=index)
    return Fresh  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("args", "named"),
    [((1,), {}), ((1, "x"), {}), ((), {"a": 1}), ((1,), {"count": 3}), ((), {"count": 3, "b": "x", "a": 1})],
)
def test_made_alike(ours: type[Ours], args: tuple[object, ...], named: dict[str, object]) -> None:
    mine, theirs = ours(*args, **named), Theirs(*args, **named)  # type: ignore[arg-type]
    assert type(mine) is ours
    assert tuple(mine) == tuple(theirs)
    assert mine._asdict() == theirs._asdict()
    assert repr(mine) == repr(theirs).replace("Theirs", "Fresh")
    assert mine._replace(a=5) == theirs._replace(a=5)


@pytest.mark.parametrize(
    ("args", "named"),
    [((), {}), ((1, "x", 2, 3), {}), ((1,), {"a": 1}), ((1,), {"z": 1}), ((), {"b": "x"}), ((), {"b": "x", "z": 1})],
)
def test_refused_alike(ours: type[Ours], args: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError) as mine:
        ours(*args, **named)  # type: ignore[arg-type]
    with pytest.raises(TypeError) as theirs:
        Theirs(*args, **named)  # type: ignore[arg-type]
    assert str(mine.value).partition("__new__")[2] == str(theirs.value).partition("__new__")[2]


def test_the_constructor_is_written_out_once_it_pays() -> None:
    class Fresh(NamedTuple):
        a: int

    general = Fresh.__new__
    for index in range(OFTEN - 1):
        Fresh(a=index)
    assert Fresh.__new__ is general
    Fresh(a=0)
    assert Fresh.__new__ is not general


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
