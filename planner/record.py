"""`NamedTuple` as in typing, a tenth of its cost at import.

typing compiles every annotation and collections evaluates a constructor per class: 0.2 ms each, 15 ms of a hook's
start-up for the 70 records on its path. Here a class has its constructor written out once it has been called so often
that this pays. Type checkers see typing's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    try:
        from _collections import _tuplegetter as _field
    except ImportError:  # as in collections, for a Python without it

        def _field(index: int, doc: str | None) -> property:
            from operator import itemgetter

            return property(itemgetter(index), doc=doc)

    OFTEN = 400
    """Records of one class from which on compiling its constructor, 0.2 ms, is the lesser cost."""

    _new = tuple.__new__
    _made: dict[type, int] = {}
    """How many records of each class came by the general way."""

    def _written_out(cls: type) -> Any:
        """The constructor of `cls` with every field written out, which it has from now on."""
        fields, defaults = cls._fields, cls._field_defaults
        names = ", ".join(fields)
        made = eval(f"lambda _cls, {names}: _new(_cls, ({names},))", {"_new": _new, "__builtins__": {}})
        made.__defaults__ = tuple(defaults[field] for field in fields if field in defaults)
        made.__name__, made.__qualname__ = "__new__", f"{cls.__qualname__}.__new__"
        cls.__new__ = staticmethod(made)
        return made

    class _Record(type):
        """Makes a tuple of the fields that a class annotates."""

        def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if "_fields" in body:
                return super().__new__(mcs, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            body["_field_defaults"] = {field: body.pop(field) for field in fields if field in body}
            body |= {field: _field(index, None) for index, field in enumerate(fields)}
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
            made = _made[cls] = _made.get(cls, 0) + 1
            if made < OFTEN:
                if not named and len(args) == len(fields):
                    return _new(cls, args)
                given = {**dict(zip(fields, args)), **named}  # noqa: B905  too many are told below
                values = {**cls._field_defaults, **given}
                if len(given) == len(args) + len(named) and values.keys() == cls._places.keys():
                    return _new(cls, [values[field] for field in fields])
            return _written_out(cls)(cls, *args, **named)

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
