"""The scheme that most readers end with: one storage, less what the config's lists keep."""

from __future__ import annotations

from collections.abc import Iterable

from planner.model.quantization.readers.keys import Keys, notes_of
from planner.model.quantization.scheme import Rule, Scheme
from planner.model.quantization.storage import Storage

KEPT_LISTS = (
    "modules_to_not_convert",
    "ignored_layers",
    "ignore",
    "exclude_modules",
    "exclude",
    "llm_int8_skip_modules",
    "skip_modules",
    "linear_weights_not_to_quantize",
)
"""What libraries call their lists of modules to leave as they are."""
EVERY = "re:.*"
"""An entry that names every module."""
MOST_RULES = 32
"""Ways of storing that one config may mix."""


def scheme(keys: Keys, method: str, storage: Storage, rules: tuple[Rule, ...] = (), outside: bool = False) -> Scheme:
    """`storage` for what no list keeps and none of `rules` names.

    `outside`: the library is not confined to the decoder's layers. Checkpoints show it; engines that quantize while
    loading keep to the layers.
    """
    names = keys.kept(*KEPT_LISTS)
    kept = () if names is None else (Rule(names),)
    reaches = outside and keys.checkpoint and not (names is not None and names.towers)
    return Scheme(method, storage.label, storage, rules=(*rules, *kept), outside=reaches, notes=notes_of(names))


def assumed(found: Scheme, keys: Keys, *stated: str) -> Scheme:
    """`found`, saying that its bits are the usual ones where neither `bits` nor any of `stated` is there."""
    if keys.checkpoint or keys.bits() is not None or keys.first(*stated) is not None:
        return found
    return found._replace(notes=(*found.notes, f"bits not stated: {found.title} assumed"))


def exceptions(named: Iterable[tuple[str, Storage | None]]) -> tuple[Rule, ...]:
    """One rule for all entries of one storage, those that are kept (None) first."""
    from planner.model.quantization.entries import compile_names

    by_storage: dict[Storage | None, list[str]] = {None: []}
    for entry, storage in named:
        if storage in by_storage or len(by_storage) < MOST_RULES:
            by_storage.setdefault(storage, []).append(entry)
    return tuple(Rule(compile_names(entries), storage) for storage, entries in by_storage.items() if entries)


def only(found: Scheme, rules: tuple[Rule, ...]) -> Scheme:
    """`found` where nothing is quantized but what `rules` name."""
    from planner.model.quantization.entries import compile_names

    return found._replace(rules=(*found.rules, *rules, Rule(compile_names([EVERY]))))
