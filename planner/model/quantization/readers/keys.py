"""The keys of a quantization section, read without trust: what is no sensible value is as good as missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.quantization.names import Names

MOST_BITS = 32
MOST_GROUP = 1 << 20


class Keys(NamedTuple):
    """What a config states of a quantization, and whether a checkpoint states it."""

    values: Mapping[str, object]
    checkpoint: bool = False
    """The keys come with the weights; otherwise they say what a loader shall do."""

    def first(self, *names: str) -> object:
        """The first of `names` that is there and not null."""
        return next((self.values[name] for name in names if self.values.get(name) is not None), None)

    def number(self, *names: str) -> float | None:
        """A number above 0, also as a string."""
        value = self.first(*names)
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= MOST_GROUP:
            return None
        return value

    def bits(self, default: float | None = None) -> float | None:
        """Bits of a quantized weight."""
        found = self.number("bits", "nbits", "num_bits", "w_bit", "weight_bits", "wbits")
        return found if found is not None and found <= MOST_BITS else default

    def whole_bits(self, default: int) -> int:
        """Bits of a quantized weight, a whole number."""
        found = self.bits(default)
        return int(found) if found is not None and found == int(found) else default

    def group(self, default: int | None) -> int | None:
        """Weights that share a scale; None = a whole row, which -1 and 0 stand for."""
        stated = self.first("group_size", "q_group_size", "groupsize", "quant_group_size")
        if isinstance(stated, int) and not isinstance(stated, bool) and stated <= 0:
            return None
        found = self.number("group_size", "q_group_size", "groupsize", "quant_group_size")
        return int(found) if found is not None and found >= 1 else default

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean."""
        value = self.values.get(name)
        return bool(value) if isinstance(value, (bool, int)) else default

    def word(self, *names: str) -> str:
        """A string in lower case; empty if there is none."""
        value = self.first(*names)
        return value.strip().lower() if isinstance(value, str) else ""

    def nested(self, name: str) -> Keys:
        """The mapping under `name`; empty if it is none."""
        return Keys(mapping(self.values.get(name)), self.checkpoint)

    def entries(self, *names: str) -> tuple[object, ...]:
        """All entries of the lists under `names`; a mapping's keys, a single string."""
        found: list[object] = []
        for name in names:
            value = self.values.get(name)
            if isinstance(value, (list, tuple, Mapping)):
                found.extend(value)
            elif isinstance(value, str):
                found.append(value)
        return tuple(found)

    def kept(self, *names: str) -> Names | None:
        """What the lists under `names` name; None without a list."""
        entries = self.entries(*names)
        if not entries:
            return None
        from planner.model.quantization.entries import compile_names

        return compile_names(entries)


def mapping(value: object) -> Mapping[str, object]:
    """`value` with string keys; empty if it is no mapping."""
    return {str(key): entry for key, entry in value.items()} if isinstance(value, Mapping) else {}


def notes_of(names: Names | None) -> tuple[str, ...]:
    """That some entries of a list could not be read."""
    if names is None or not names.passed_over:
        return ()
    return (f"{names.passed_over} entries of the list of modules to keep were passed over",)
