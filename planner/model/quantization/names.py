"""Which modules a list names: exact paths, parts of paths, globs and regular expressions, as checkpoints write them.

One reading serves all libraries: an entry names a module, everything below it, and every module whose path ends so
(transformers `should_convert_module`); `*` stands for anything (ModelOpt); "re:" begins a regular expression
(compressed-tensors). Entries hold at the boundaries of path components: "gate" is not "gate_proj".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.record import NamedTuple

MOST = 20_000
"""Entries that are read; real lists have some thousands."""
LONGEST = 300
"""Characters of an entry."""
PATIENCE = 1 << 15
"""Backtracking that a list may cause: eight to the power of an expression's quantifiers, summed over the list."""

_STACK = re.compile(
    r"^(?:model\.)?(?:transformer\.h|model\.decoder\.layers|decoder\.layers|backbone\.layers|transformer\.layers"
    r"|transformer\.encoder\.layers|transformer\.blocks|gpt_neox\.layers|layers)\.(?=\d|\*)"
)
_LAYER = re.compile(r"^model\.layers\.(\d{1,5})(?=\.|$)")
_META = re.compile(r"[\\()\[\]|^$+?]")
_QUANTIFIERS = re.compile(r"(?<!\()[*+?{]")
_COSTLY = re.compile(r"\)[*+{]|\\[1-9]|\(\?(?!:)")
"""What this reader has no patience for: repeated groups, references to groups, look-arounds and flags."""
_TOWER = re.compile(r"vis(?:ion|ual)|audio|tower|projector|embed_vision", re.IGNORECASE)
_NUMBERED = re.compile(r"layers.*(?:\d|\\|\[)|\\d|\.\d")
_SAME = {"self_attn": "attn", "attention": "attn", "self_attention": "attn", "ffn": "mlp", "feed_forward": "mlp",
         "block_sparse_moe": "mlp", "head": "lm_head"}  # fmt: skip


class Names(NamedTuple):
    """Compiled entries: those of one layer apart from all others, for a layer's tensors meet only few of them."""

    anywhere: re.Pattern[str] | None
    by_layer: dict[int, re.Pattern[str]]
    towers: bool
    """Whether vision or audio towers are among them."""
    numbered: bool
    """Whether equal layers may differ in what is named."""
    passed_over: int
    """Entries that could not be read."""


def path(name: str, layer: int | None) -> str:
    """The path of a tensor of our stack as checkpoints spell it; of equal experts the first."""
    whole = name if layer is None else f"model.layers.{layer}.{name}"
    return whole.replace(".experts.", ".experts.0.")


def canonical(whole: str) -> str:
    """One spelling of a path, whatever the architecture calls its stack, its attention and its network."""
    whole = _STACK.sub("model.layers.", whole.replace("language_model.", ""))
    return ".".join(_renamed(part) for part in whole.split("."))


def _renamed(part: str) -> str:
    """One name for a component that has several; a star behind it stays."""
    bare = part.rstrip("*")
    return _SAME.get(bare, bare) + part[len(bare) :]


def compile_names(entries: Iterable[object]) -> Names:
    """Entries that are no strings, too long, no regular expression or too costly ones are passed over."""
    listed = tuple(entries)
    usable = [entry for entry in listed[:MOST] if isinstance(entry, str) and 0 < len(entry) <= LONGEST]
    anywhere: list[str] = []
    layers: dict[int, list[str]] = {}
    patience = PATIENCE
    for entry in usable:
        layer, pattern = _pattern(entry)
        cost = _cost(entry)
        if cost <= patience and _is_expression(pattern):
            patience -= cost
            (anywhere if layer is None else layers.setdefault(layer, [])).append(pattern)
    read = len(anywhere) + sum(map(len, layers.values()))
    return Names(
        re.compile("|".join(anywhere)) if anywhere else None,
        {layer: re.compile("|".join(patterns)) for layer, patterns in layers.items()},
        any(_TOWER.search(entry) for entry in usable),
        bool(layers) or any(_NUMBERED.search(pattern) for pattern in anywhere),
        len(listed) - read,
    )


def _pattern(entry: str) -> tuple[int | None, str]:
    """(the one layer that an entry speaks of, its regular expression to match from the start of a path)."""
    if entry.startswith("re:"):
        return None, f"(?:{entry[3:]})"
    if _META.search(entry):
        return None, rf"(?:{entry})(?:(?<=\.)|(?=\.|$))"
    spelled = canonical(entry.strip("."))
    body = re.escape(spelled).replace(r"\*", ".*")
    end = "" if spelled.endswith("*") else r"(?:\.|$)"
    found = _LAYER.match(spelled)
    return (int(found[1]), body + end) if found else (None, rf"(?:^|.*\.){body}{end}")


def _cost(entry: str) -> int:
    """How much an entry may backtrack; repeated groups and references to groups are past all patience."""
    if _COSTLY.search(entry):
        return PATIENCE + 1
    return int(8 ** min(8, len(_QUANTIFIERS.findall(entry.rstrip("*").removesuffix(".")))) - 1)


def _is_expression(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def named(names: Names, whole: str) -> bool:
    """Whether the entries name the tensor at `whole` (from `path`)."""
    spelled = canonical(whole)
    found = _LAYER.match(spelled)
    own = names.by_layer.get(int(found[1])) if found else None
    if own is not None and own.match(spelled):
        return True
    every = names.anywhere
    return every is not None and bool(every.match(spelled) or every.match(whole))
