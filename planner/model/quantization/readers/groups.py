"""Groups of modules with a scheme each: compressed-tensors' `config_groups`, which ModelOpt writes, too."""

from __future__ import annotations

from planner.model.quantization import formats
from planner.model.quantization.readers.build import MOST_RULES, exceptions, only, scheme
from planner.model.quantization.readers.keys import Keys, mapping
from planner.model.quantization.scheme import Rule, Scheme
from planner.model.quantization.storage import Extra, Storage

CLASSES = frozenset({"linear", "parallellinear"})
"""Targets that mean every matrix."""


def compressed_tensors(keys: Keys) -> Scheme | str:
    """compressed-tensors: groups of weights by bits, type, strategy and format; `ignore` names what is left."""
    if keys.values.get("config_groups"):
        return read(keys, "compressed-tensors")
    return "compressed-tensors without config_groups says nothing of bits: weights counted as unquantized"


def read(keys: Keys, method: str) -> Scheme | str:
    """The group of all matrices is the scheme, groups of named modules are its exceptions."""
    whole: Storage | None = None
    rules: list[Rule] = []
    for entry in list(mapping(keys.values.get("config_groups")).values())[:MOST_RULES]:
        group = Keys(mapping(entry), keys.checkpoint)
        storage = weights_storage(group, keys.word("format"))
        if storage is None:
            continue
        targets = group.entries("targets") or ("Linear",)
        if any(isinstance(target, str) and target.lower() in CLASSES for target in targets):
            whole = whole or storage
        else:
            rules.extend(exceptions((target, storage) for target in targets if isinstance(target, str)))
    if whole is None and not rules:
        return f"{method} without a group that quantizes weights: weights counted as unquantized"
    return _scheme(keys, method, whole, rules)


def _scheme(keys: Keys, method: str, whole: Storage | None, rules: list[Rule]) -> Scheme:
    main = whole or next(rule.storage for rule in rules if rule.storage is not None)
    found = scheme(keys, method, main, outside=True)
    if whole is not None:
        return found._replace(rules=(*found.rules, *rules))
    return only(found, tuple(rules))._replace(title=f"mixed, with {main.label}")


def weights_storage(group: Keys, format_of_all: str) -> Storage | None:
    """How a group stores its weights; None where it leaves them alone."""
    weights = group.nested("weights")
    bits = weights.bits()
    if bits is None or bits >= 16:
        return None
    if weights.word("type") == "float":
        return _float(weights, group, int(bits))
    return _int(weights, group.word("format") or format_of_all, int(bits))


def _strategy(weights: Keys) -> str:
    """Unstated, it is groups if they have a size, else the whole matrix (compressed-tensors QuantizationArgs)."""
    stated = weights.word("strategy")
    if stated:
        return stated
    size = weights.values.get("group_size")
    return "tensor" if size is None else "channel" if size == -1 else "group"


def _float(weights: Keys, group: Keys, bits: int) -> Storage:
    if bits == 4:
        size = weights.group(16)
        return formats.mxfp(4) if size == 32 else formats.nvfp4(size or 16)
    strategy = _strategy(weights)
    if strategy == "group" and weights.group(None) == 32:
        return formats.mxfp(8)
    if strategy == "block":
        block = weights.values.get("block_structure")
        sides = block if isinstance(block, (list, tuple)) and len(block) == 2 else (128, 128)
        whole = all(isinstance(side, int) and side > 0 for side in sides)
        return formats.fp8_block(int(sides[0]), int(sides[1])) if whole else formats.fp8_block()
    if strategy == "channel":
        return formats.fp8_channel()
    inputs = group.nested("input_activations")
    return formats.fp8_tensor(bool(inputs.values) and not inputs.flag("dynamic"))


def _int(weights: Keys, layout: str, bits: int) -> Storage:
    strategy = _strategy(weights)
    size = weights.group(None) if strategy in ("group", "tensor_group") else None
    if bits == 8 and "pack" not in layout:
        if strategy == "tensor":
            return formats.int8_tensor()
        return formats.int8_channel() if size is None else Storage(f"int8, group {size}", 8, (Extra(16, 1, size),))
    storage = formats.packed(bits, size, weights.flag("symmetric", True))
    ordered = weights.word("actorder") == "group" or weights.values.get("actorder") is True
    return storage._replace(extras=(*storage.extras, Extra(32, None, 1))) if ordered else storage
