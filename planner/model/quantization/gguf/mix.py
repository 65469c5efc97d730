"""The type of each tensor in a GGUF mix, as llama.cpp's quantizer chooses it.

llama-quant.cpp, llama_tensor_get_type_impl (ggml-org/llama.cpp, 2026): the tensors that matter most get more bits, by
their role, their depth, the width of query groups and the number of experts.
"""

from __future__ import annotations

from collections.abc import Hashable

from planner.model.quantization.gguf import roles
from planner.record import NamedTuple

BASE: dict[str, str] = {
    **{name: name for name in ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q6_K", "Q1_0", "NVFP4",
                               "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ3_S", "IQ4_NL", "IQ4_XS",
                               "TQ1_0", "TQ2_0")},
    "Q2_K": "Q2_K", "Q2_K_S": "Q2_K", "Q3_K_S": "Q3_K", "Q3_K_M": "Q3_K", "Q3_K_L": "Q3_K",
    "Q4_K_S": "Q4_K", "Q4_K_M": "Q4_K", "Q5_K_S": "Q5_K", "Q5_K_M": "Q5_K",
    "IQ2_S": "IQ2_XS", "IQ2_M": "IQ2_S", "IQ3_XS": "IQ3_S", "IQ3_M": "IQ3_S", "MXFP4_MOE": "MXFP4",
}  # fmt: skip
"""Type of what no rule below raises or lowers, by mix."""

NEEDS_MATRIX = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "Q2_K_S"})
"""Mixes that the quantizer refuses to make without an importance matrix (tensor_requires_imatrix)."""
UNQUANTIZED = frozenset({"F32", "F16", "BF16"})
LOW = frozenset({"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"})
"""Mixes of less than three bits, which have rules of their own."""
_LOW_S = frozenset({"IQ2_S", "IQ2_M"})
_HEAD_Q5 = LOW | {"IQ3_XXS"}
_EMBEDDING = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS"), "Q2_K"),
    **dict.fromkeys(("IQ2_S", "IQ2_M", "IQ3_XXS"), "IQ3_S"),
    **dict.fromkeys(("TQ1_0", "TQ2_0"), "Q4_K"),
}
_VALUE_WIDE = {
    **dict.fromkeys(("Q2_K", "Q2_K_S", "IQ3_XXS", "IQ3_XS", "IQ3_S", "IQ3_M"), "Q4_K"),
    **dict.fromkeys(("IQ4_NL", "IQ4_XS", "Q3_K_L"), "Q5_K"),
}
_VALUE_NARROW = {"Q2_K": "Q3_K", "IQ3_XXS": "IQ3_S", "IQ3_M": "Q4_K", "Q3_K_L": "Q5_K"}
_SPARED = {"value": frozenset({"IQ3_XXS"}), "down": frozenset({"IQ3_XXS", "IQ4_NL", "IQ4_XS"})}
"""Mixes whose values (of narrow groups) and down matrices get no extra bits when there is an importance matrix."""
_GUARDED = {"Q4_0": "Q4_1", "Q5_0": "Q5_1"}
_OUT = {"Q2_K": "Q3_K", "IQ3_XXS": "IQ3_S", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K", "IQ3_M": "Q4_K"}
_OUT_EIGHT = frozenset({"Q2_K", "IQ3_XS", "IQ3_XXS", "Q3_K_S", "Q3_K_M", "IQ4_NL", "Q4_K_S", "Q4_K_M", "IQ3_S", "IQ3_M",
                        "IQ4_XS"})  # fmt: skip
_QUERY_KEY = {"IQ3_XS": "IQ3_XXS", "IQ3_XXS": "IQ2_S"}
_DOWN_FIRST = {
    "Q2_K_S": "Q4_K",
    "IQ3_XXS": "Q4_K",
    "IQ3_M": "Q4_K",
    "IQ4_NL": "Q5_K",
    "IQ4_XS": "Q5_K",
    "Q4_K_S": "Q5_K",
}
_DOWN = {"Q2_K": "Q3_K", "IQ3_XXS": "Q3_K", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K"}
_MORE = {"Q4_K_M": "Q6_K", "Q5_K_M": "Q6_K"}


class Shape(NamedTuple):
    """What the choice depends on beside the tensor."""

    layers: int
    groups: int
    """Query heads per KV head, of the first layer."""
    experts: int
    falcon: bool = False
    seventy: bool = False
    """llama.cpp takes it for a 70B model."""
    tied: bool = False
    matrix: bool = False
    """An importance matrix guides the quantizer, which then spares some of the extra bits."""
    microscaled: bool = False
    """Its experts are published in MXFP4, which every mix keeps."""


class Place(NamedTuple):
    """Where a tensor stands among its like."""

    at: int
    """Layer, or how many of the role came before."""
    among: int
    """How many there are."""
    columns: int


def more_bits(index: int, count: int) -> bool:
    """Whether a layer gets more bits: the first and the last eighth, and every third between them."""
    eighth = count // 8
    return index < eighth or index >= 7 * count // 8 or (index - eighth) % 3 == 2


def zone(role: str, place: Place) -> Hashable:
    """What `choose` can tell of the place of a tensor of `role`: it has one answer for all places of a zone."""
    at, eighth = place.at, place.among // 8
    if role == roles.VALUE:
        return min(at, 2), at < 4, more_bits(at, place.among)
    if role == roles.DOWN:
        return at < eighth, at < place.among // 16, more_bits(at, place.among)
    return role in (roles.GATE, roles.UP) and eighth <= at < 7 * place.among // 8


def choose(mix: str, role: str, shape: Shape, place: Place, block: int) -> str:
    """Type of a tensor of `role`, before it is fitted to its row; `block` is the block of the mix's base type."""
    base = BASE[mix]
    if mix in UNQUANTIZED:
        return base
    if role == roles.HEAD or (role == roles.EMBEDDING and shape.tied):
        return _head(mix, base, shape.falcon or place.columns % block != 0)
    if mix == "MXFP4_MOE":
        return "Q8_0"
    if role == roles.EMBEDDING:
        return _EMBEDDING.get(mix, base)
    if mix in LOW:
        return _low(mix, base, role, shape, place)
    if role == roles.VALUE:
        return _value(mix, base, shape, place)
    if role in (roles.KEY, roles.QUERY):
        return "Q8_0" if role == roles.KEY and shape.experts == 8 else _QUERY_KEY.get(mix, base)
    if role == roles.OUT:
        return _out(mix, base, shape)
    if role == roles.DOWN:
        return _falcon_down(mix, base, place) if shape.falcon else _down(mix, base, shape, place)
    middle = place.among // 8 <= place.at < 7 * place.among // 8
    return "IQ3_XXS" if mix == "IQ3_XS" and role in (roles.GATE, roles.UP) and middle else base


def _head(mix: str, base: str, awkward: bool) -> str:
    if mix == "MXFP4_MOE" or awkward or base == "Q8_0":
        return "Q8_0"
    return "Q5_K" if mix in _HEAD_Q5 else "Q6_K"


def _low(mix: str, base: str, role: str, shape: Shape, place: Place) -> str:
    """Mixes of less than three bits."""
    better = "IQ3_S" if mix in _LOW_S else "Q2_K"
    if role == roles.VALUE:
        return "Q4_K" if shape.groups >= 4 or shape.experts >= 4 else better
    if role == roles.KEY and shape.experts == 8:
        return "Q4_K"
    if role == roles.DOWN:
        return better if place.at < place.among // 8 else base
    if role == roles.OUT:
        if shape.experts == 8:
            return "Q5_K"
        return "IQ2_XXS" if mix in ("IQ1_S", "IQ1_M") else "IQ3_S" if mix in _LOW_S else base
    return base


def _value(mix: str, base: str, shape: Shape, place: Place) -> str:
    if shape.experts == 8:
        return "Q8_0"
    wide = shape.groups >= 4
    spared = shape.matrix and not wide and mix in _SPARED["value"]
    found = base if spared else (_VALUE_WIDE if wide else _VALUE_NARROW).get(mix, base)
    if mix == "Q3_K_M":
        found = "Q5_K" if place.at < 2 else "Q4_K"
    elif mix in _MORE and more_bits(place.at, place.among):
        found = _MORE[mix]
    elif mix == "Q4_K_S" and place.at < 4:
        found = "Q5_K"
    return "Q5_K" if shape.seventy and found in ("Q3_K", "Q4_K") else found


def _out(mix: str, base: str, shape: Shape) -> str:
    if shape.falcon:
        return "Q4_K" if mix == "Q3_K_L" else base
    if shape.experts == 8:
        return "Q5_K" if mix in _OUT_EIGHT else base
    return _OUT.get(mix, base)


def _down(mix: str, base: str, shape: Shape, place: Place) -> str:
    more = more_bits(place.at, place.among)
    first = place.at < place.among // 8
    if mix in _MORE:
        return _MORE[mix] if more else base
    if shape.matrix and mix in _SPARED["down"]:
        return base
    if shape.matrix and mix in _GUARDED and first:
        return _GUARDED[mix]
    if mix == "Q3_K_M" and place.at < place.among // 16:
        return "Q5_K"
    if mix == "IQ3_M" and shape.experts == 8 and more:
        return "Q4_K"
    return _DOWN_FIRST[mix] if first and mix in _DOWN_FIRST else _DOWN.get(mix, base)


def _falcon_down(mix: str, base: str, place: Place) -> str:
    more, first = more_bits(place.at, place.among), place.at < place.among // 16
    if mix == "Q4_K_M":
        return "Q6_K" if first else "Q5_K" if more else "Q4_K"
    if mix == "Q3_K_M":
        return "Q5_K" if first else "Q4_K" if more else "Q3_K"
    if mix in ("Q4_K_S", "Q3_K_L"):
        return "Q4_K"
    if place.at < place.among // 8 and mix in _DOWN_FIRST:
        return _DOWN_FIRST[mix]
    return _MORE[mix] if mix in _MORE and more else {"Q2_K": "Q3_K", "IQ3_XXS": "Q3_K"}.get(mix, base)
