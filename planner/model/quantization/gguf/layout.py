"""A GGUF mix laid over a model: the type of every tensor, in the order in which llama.cpp's quantizer meets them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from planner.memo import by_identity
from planner.model.quantization.gguf import roles
from planner.model.quantization.gguf.conversion import converted, placed
from planner.model.quantization.gguf.mix import BASE, LOW, NEEDS_MATRIX, Place, Shape, choose, zone
from planner.model.quantization.gguf.types import BLOCKS, fitting, storage
from planner.model.quantization.storage import Storage
from planner.model.stack import Architecture, Layer, Tensor, counted
from planner.record import NamedTuple

LAYERS_OF_70B = {"llama": 80, "mistral": 80, "qwen2": 80, "olmo": 80, "apertus": 80, "nemotron-nas": 80, "jais2": 68}
"""Layers at which llama.cpp calls a model of that type 70B (src/models, LLM_TYPE_70B)."""

Wanted = Callable[[Layer, str], Sequence[tuple[Tensor, str]]]
"""Which tensors of a layer of a type of model, with their roles."""


class Slot(NamedTuple):
    """A tensor where it stands."""

    tensor: Tensor
    layer: int | None
    """None: outside of the layers."""
    role: str
    place: Place


@by_identity
def shape_of(architecture: Architecture, matrix: bool = False) -> Shape:
    """What the choice of types depends on; `matrix`: there is an importance matrix."""
    first = next((layer for layer in architecture.layers if layer.kv_heads), None)
    groups = first.query_heads // first.kv_heads if first else 0
    seventy = LAYERS_OF_70B.get(architecture.model_type) == len(architecture.layers) and groups > 1
    return Shape(
        layers=len(architecture.layers),
        groups=groups,
        experts=max((layer.experts for layer in architecture.layers), default=0),
        falcon=architecture.model_type == "falcon",
        matrix=matrix,
        microscaled=architecture.model_type == "gpt_oss",
        seventy=seventy,
        tied=architecture.tied and not any(tensor.kind == "head" for tensor in architecture.stored_only),
    )


def stored(
    architecture: Architecture, mix: str, matrix: bool | None = None
) -> Iterator[tuple[Tensor, int | None, Storage]]:
    """(tensor, its layer or None, how it is stored) of a model's GGUF file.

    `matrix`: an importance matrix was used; None = only where the mix cannot be made without one.

    A head that the released checkpoint stores beside its tied embedding is in the file, too.
    """
    shape = _shape(architecture, mix, matrix)
    for slots in (_outside(architecture), _inside(architecture, _by_layer(mix, shape))):
        for slot in slots:
            yield slot.tensor, slot.layer, _storage(mix, slot, shape)


def distinct(
    architecture: Architecture, mix: str, matrix: bool | None = None
) -> Iterator[tuple[Tensor, int | None, Storage, int]]:
    """`stored`, what is alike once: with the first layer that has it, and how many there are in equal layers."""
    shape = _shape(architecture, mix, matrix)
    for slot in _outside(architecture):
        yield slot.tensor, None, _storage(mix, slot, shape), 1
    for slot, count in _slots(architecture, _by_layer(mix, shape)):
        yield slot.tensor, slot.layer, _storage(mix, slot, shape), count


def _shape(architecture: Architecture, mix: str, matrix: bool | None) -> Shape:
    return shape_of(architecture, mix in NEEDS_MATRIX if matrix is None else matrix)


def _by_layer(mix: str, shape: Shape) -> bool:
    """Whether tensors are counted by their layer: of mixtures of experts, all but values."""
    return shape.experts > 1 and mix not in LOW


@by_identity
def _outside(architecture: Architecture) -> Sequence[Slot]:
    """Towers and projectors stand in a file of their own (mmproj), their matrices in 16 bit."""
    heads = tuple(tensor for tensor in architecture.stored_only if tensor.kind == "head" and architecture.tied)
    return [
        Slot(tensor, None, roles.KEPT if tensor.part == "other" else roles.role_of(tensor), _alone(tensor))
        for tensor in (*architecture.outside, *heads)
    ]


def _alone(tensor: Tensor) -> Place:
    return Place(0, 1, tensor.shape[-1])


def _inside(architecture: Architecture, by_layer: bool, wanted: Wanted = converted) -> Iterator[Slot]:
    """Every `wanted` tensor of the layers, in order."""
    layers = architecture.layers
    values = sum(
        count * sum(roles.role_of(tensor) == roles.VALUE for tensor in layer.tensors)
        for layer, count, _ in counted(layers)
    )
    met = dict.fromkeys(roles.PLACED, 0)
    for index, layer in enumerate(layers):
        for tensor, role in wanted(layer, architecture.model_type):
            if role not in met:
                yield Slot(tensor, index, role, _alone(tensor))
                continue
            at = index if by_layer and role != roles.VALUE else met[role]
            met[role] += 1
            among = values if role == roles.VALUE else len(layers)
            yield Slot(tensor, index, role, Place(at, among, tensor.shape[-1]))


@by_identity
def _slots(architecture: Architecture, by_layer: bool) -> Sequence[tuple[Slot, int]]:
    """What of the layers has one type in any mix: the first, and how many are like it."""
    anywhere = [
        (Slot(tensor, first, role, _alone(tensor)), count)
        for layer, count, first in counted(architecture.layers)
        for tensor, role in converted(layer, architecture.model_type)
        if role not in roles.PLACED
    ]
    alike: dict[Hashable, tuple[Slot, int]] = {}
    for slot in _inside(architecture, by_layer, placed):
        layer = architecture.layers[slot.layer or 0]
        key = id(layer), id(slot.tensor), zone(slot.role, slot.place)
        before, count = alike.get(key, (slot, 0))
        alike[key] = before, count + 1
    return [*anywhere, *alike.values()]


def _storage(mix: str, slot: Slot, shape: Shape) -> Storage:
    return storage(_type(mix, slot.tensor, slot.role, shape, slot.place))


def _type(mix: str, tensor: Tensor, role: str, shape: Shape, place: Place) -> str:
    if role == roles.KEPT:
        return roles.untouched_type(tensor)
    if tensor.kind == "expert" and (mix == "MXFP4_MOE" or shape.microscaled):
        return fitting("MXFP4", place.columns)
    return fitting(choose(mix, role, shape, place, BLOCKS[BASE[mix]][0]), place.columns)
