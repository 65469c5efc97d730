"""GPTQ, AWQ and AutoRound: integers in groups along the inputs, packed into int32 words."""

from __future__ import annotations

from collections.abc import Iterator

from planner.model.quantization import formats
from planner.model.quantization.readers.build import assumed, exceptions, only, scheme
from planner.model.quantization.readers.keys import Keys, mapping
from planner.model.quantization.scheme import Scheme
from planner.model.quantization.storage import Storage


def gptq(keys: Keys) -> Scheme:
    """GPTQ; `dynamic` ("+:" and "-:" expressions) and `modules_in_block_to_quantize` say what else happens where."""
    storage = formats.gptq(keys.whole_bits(4), keys.group(128))
    found = assumed(scheme(keys, "gptq", storage, exceptions(_dynamic(keys))), keys)
    chosen = [name for entry in keys.entries("modules_in_block_to_quantize") for name in _flat(entry)]
    if chosen:
        found = only(found, exceptions((name, storage) for name in chosen if isinstance(name, str)))
    return found._replace(head=storage if keys.flag("lm_head") else None)


def _flat(entry: object) -> tuple[object, ...]:
    return tuple(entry) if isinstance(entry, (list, tuple)) else (entry,)


def _dynamic(keys: Keys) -> Iterator[tuple[str, Storage | None]]:
    """GPTQModel's overrides by regular expression: "-:" leaves out, "+:" or nothing changes bits and group."""
    for pattern, value in keys.nested("dynamic").values.items():
        own = Keys(mapping(value))
        changed = formats.gptq(own.whole_bits(keys.whole_bits(4)), own.group(keys.group(128)))
        bare = pattern.removeprefix("-:").removeprefix("+:").removeprefix("^")
        yield f"re:.*{bare}", None if pattern.startswith("-:") else changed


def awq(keys: Keys) -> Scheme:
    """AWQ, weights of the layers only."""
    storage = formats.awq(keys.whole_bits(4), keys.group(128), keys.flag("zero_point", True))
    return assumed(scheme(keys, "awq", storage), keys)


def auto_round(keys: Keys) -> Scheme:
    """AutoRound: AWQ's tensors under GPTQ's names; `extra_config` has other bits for named modules."""
    bits, group = keys.whole_bits(4), keys.group(128)

    def own(value: object) -> Storage | None:
        stated = Keys(mapping(value)).whole_bits(bits)
        return None if stated >= 16 else formats.awq(stated, group)

    named = ((name, own(value)) for name, value in keys.nested("extra_config").values.items())
    storage = formats.awq(bits, group)
    storage = storage._replace(label=storage.label.replace("AWQ", "AutoRound"))
    return assumed(scheme(keys, "auto-round", storage, exceptions(named)), keys)
