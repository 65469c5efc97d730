"""Integers of which only the bits are known, or as engines make them by themselves."""

from __future__ import annotations

from planner.model.quantization import formats
from planner.model.quantization.readers.build import scheme
from planner.model.quantization.readers.keys import Keys
from planner.model.quantization.scheme import Scheme


def integer(keys: Keys) -> Scheme | str:
    """Bits and nothing else: matrices × bits, embeddings, head and norms as they are."""
    bits = keys.bits()
    if bits is None or bits >= 16:
        return "quantization without bits: weights counted as unquantized"
    storage = formats.bare(bits)
    found = scheme(keys, keys.word("method") or storage.label, storage)
    return found._replace(notes=(*found.notes, f"{bits:g} bits a weight, scales not counted: the scheme is not stated"))


def channel_int8(keys: Keys) -> Scheme:
    """int8 weights with a scale per output (SmoothQuant, W8A8)."""
    return scheme(keys, "int8", formats.int8_channel())


def packed_ints(keys: Keys) -> Scheme:
    """W4A16 and kin without a checkpoint's word: compressed-tensors' packed groups of 128."""
    bits = keys.whole_bits(4)
    if bits >= 8 and keys.first("group_size") is None:
        return scheme(keys, "compressed-tensors", formats.packed(bits, None))
    return scheme(keys, "compressed-tensors", formats.packed(bits, keys.group(128)))
