"""Which modules a list names: exact paths, parts of paths, globs and regular expressions, as checkpoints write them.

One reading serves all libraries: an entry names a module, everything below it, and every module whose path ends so
(transformers `should_convert_module`); `*` stands for anything (ModelOpt); "re:" begins a regular expression
(compressed-tensors). Entries hold at the boundaries of path components: "gate" is not "gate_proj".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from planner.record import NamedTuple

_STACK = re.compile(
    r"^(?:model\.)?(?:transformer\.h|model\.decoder\.layers|decoder\.layers|backbone\.layers|transformer\.layers"
    r"|transformer\.encoder\.layers|transformer\.blocks|gpt_neox\.layers|layers)\.(?=\d|\*)"
)
LAYER = re.compile(r"^model\.layers\.(\d{1,5})(?=\.|$)")
"""A path within one layer."""
_SAME = {"self_attn": "attn", "attention": "attn", "self_attention": "attn", "ffn": "mlp", "feed_forward": "mlp",
         "block_sparse_moe": "mlp", "head": "lm_head"}  # fmt: skip


class Names(NamedTuple):
    """Entries by how they are looked up: most lists name thousands of modules outright."""

    modules: dict[int, set[str]]
    """By layer, the modules of it that are named outright; "" is all of it."""
    runs: frozenset[str]
    """Runs of path components that name a module wherever they occur."""
    endings: frozenset[str]
    """The last component of each run."""
    starts: dict[int, tuple[str, ...]]
    """By layer, what stands before a star at the end of an entry."""
    expression: re.Pattern[str] | None
    """All other globs and expressions."""
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


def named(names: Names, whole: str) -> bool:
    """Whether the entries name the tensor at `whole` (from `path`)."""
    spelled = canonical(whole)
    layer = LAYER.match(spelled)
    if layer and _in_layer(names, int(layer[1]), spelled, layer.end() + 1):
        return True
    if not names.endings.isdisjoint(spelled.split(".")) and not names.runs.isdisjoint(_runs(spelled)):
        return True
    found = names.expression
    return found is not None and bool(found.match(spelled) or found.match(whole))


def _in_layer(names: Names, number: int, spelled: str, inner: int) -> bool:
    """Whether a path, whose part within its layer begins at `inner`, is named with that layer's number."""
    modules = names.modules.get(number)
    if modules is not None and not modules.isdisjoint(("", *accumulate(spelled[inner:].split("."), "{}.{}".format))):
        return True
    return spelled.startswith(names.starts.get(number, ()))


def _runs(spelled: str) -> Iterator[str]:
    """All runs of a path's components."""
    parts = spelled.split(".")
    for start in range(len(parts)):
        yield from accumulate(parts[start:], "{}.{}".format)
