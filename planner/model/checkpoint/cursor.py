"""Reading a GGUF header from bytes, never past their end."""

from __future__ import annotations

import struct

from planner.model.checkpoint import HeaderError

MOST_TEXT = 1 << 16
"""Bytes of a key or a tensor's name."""
MOST_KEPT = 4096
"""Elements of an array, or bytes of a string, whose value is kept; of longer ones only the length."""

_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
"""Formats of scalars by their number in a file (gguf.h, enum gguf_type)."""
_STRING, _ARRAY = 8, 9


class OutOfDataError(HeaderError):
    """The header goes on where the bytes end."""


class Length(int):
    """What is kept of a long array: how many elements it has."""


class Cursor:
    """A place in the bytes of a header."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self._at + count
        if end > len(self._data):
            raise OutOfDataError("its header does not end")
        found = self._data[self._at : end]
        self._at = end
        return found

    def unsigned(self, width: int) -> int:
        """The next `width` bytes as a number."""
        return int.from_bytes(self.take(width), "little")

    def text(self) -> str:
        """A key or a name."""
        length = self.unsigned(8)
        if length > MOST_TEXT:
            raise HeaderError("a name in its header is too long")
        return self.take(length).decode("utf-8", "replace")

    def entry(self) -> tuple[str, object]:
        """One key of the metadata and its value."""
        key = self.text()
        return key, self._value(self.unsigned(4))

    def _value(self, kind: int) -> object:
        if kind == _STRING:
            text = self.take(self.unsigned(8))
            return text.decode("utf-8", "replace") if len(text) <= MOST_KEPT else Length(len(text))
        if kind == _ARRAY:
            return self._array(self.unsigned(4), self.unsigned(8))
        return self._scalar(kind)

    def _scalar(self, kind: int) -> object:
        form = _FORMATS.get(kind)
        if form is None:
            raise HeaderError(f"metadata of type {kind} is not known")
        (found,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return found

    def _array(self, kind: int, count: int) -> object:
        """Short arrays as they are, of long ones the length; arrays of arrays are not written by anybody."""
        if kind == _STRING:
            self._skip_texts(count)
            return Length(count)
        form = _FORMATS.get(kind)
        if form is None:
            raise HeaderError(f"an array of type {kind} is not read")
        data = self.take(count * struct.calcsize(form))
        return [found for (found,) in struct.iter_unpack(form, data)] if count <= MOST_KEPT else Length(count)

    def _skip_texts(self, count: int) -> None:
        data, at, end = self._data, self._at, len(self._data)
        for _ in range(count):
            at += 8 + int.from_bytes(data[at : at + 8], "little")
            if at > end:
                raise OutOfDataError("its header does not end")
        self._at = at
