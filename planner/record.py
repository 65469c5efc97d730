"""`NamedTuple` as in typing, a tenth of its cost at import.

typing compiles every annotation and collections evaluates a constructor per class: 0.2 ms each, 15 ms of a hook's
start-up for the 70 records on its path. Type checkers see typing's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from operator import itemgetter

    _new = tuple.__new__

    class _Record(type):
        """Makes a tuple of the fields that a class annotates."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if "_fields" in body:
                return super().__new__(mcs, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            body["_field_defaults"] = {field: body.pop(field) for field in fields if field in body}
            body |= {field: property(itemgetter(index)) for index, field in enumerate(fields)}
            body["_fields"] = body["__match_args__"] = fields
            body["_places"] = {field: index for index, field in enumerate(fields)}
            body["__slots__"] = ()
            return super().__new__(mcs, name, bases, body)

        @property
        def __signature__(cls) -> Any:
            """For `help` and for tools that build records from their fields."""
            from inspect import Parameter, Signature

            either, defaults = Parameter.POSITIONAL_OR_KEYWORD, cls._field_defaults
            return Signature(
                [Parameter(field, either, default=defaults.get(field, Parameter.empty)) for field in cls._fields]
            )

    class NamedTuple(tuple, metaclass=_Record):
        """A tuple whose fields have names; see typing.NamedTuple."""

        _fields = ()
        _field_defaults: ClassVar[dict[str, Any]] = {}
        _places: ClassVar[dict[str, int]] = {}
        __slots__ = ()

        def __new__(cls, *args: Any, **named: Any) -> Any:
            """A record of positional and named fields; the rest takes its defaults."""
            fields = cls._fields
            if not named and len(args) == len(fields):
                return _new(cls, args)
            if len(args) < len(fields):
                defaults = cls._field_defaults
                try:
                    args += tuple(
                        named.pop(field) if field in named else defaults[field] for field in fields[len(args) :]
                    )
                except KeyError as missing:
                    raise TypeError(f"{cls.__name__}: {missing} is missing") from None
            if named or len(args) != len(fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(fields)}")
            return _new(cls, args)

        @classmethod
        def _make(cls, values: Any) -> Any:
            return cls(*values)

        def _replace(self, **changes: Any) -> Any:
            values, places = list(self), self._places
            try:
                for field, value in changes.items():
                    values[places[field]] = value
            except KeyError as unknown:
                raise TypeError(f"{type(self).__name__} has no {unknown}") from None
            return _new(type(self), values)

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._asdict().items())})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)
