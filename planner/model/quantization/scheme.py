"""A quantization scheme: what it does to each tensor of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.quantization.names import Names
    from planner.model.quantization.storage import Storage
    from planner.model.stack import Architecture, Tensor

MATRICES = frozenset({"linear", "expert"})
"""Kinds of tensors that a scheme takes unless it says otherwise; routers, norms, biases and embeddings stay."""


class Rule(NamedTuple):
    """An exception: how the modules that `names` names are stored; None = as the model's dtype."""

    names: Names
    storage: Storage | None = None


class Scheme(NamedTuple):
    """What a quantization does to each tensor."""

    method: str
    """gptq, awq, bitsandbytes, fp8, gguf …"""
    title: str
    """For people: "AWQ 4 bit, group 128"."""
    storage: Storage | None
    """Of what it takes by default; None where only named modules are quantized."""
    kinds: frozenset[str] = MATRICES
    rules: tuple[Rule, ...] = ()
    """The first that names a module decides."""
    outside: bool = False
    """Whether it reaches matrices outside of the decoder's layers (vision and audio towers, projectors)."""
    experts: Storage | None = None
    """Of routed experts, where they are stored differently."""
    head: Storage | None = None
    """Of the output head, where it is quantized."""
    embedding: Storage | None = None
    """Of the input embedding, where it is quantized."""
    mix: str = ""
    """llama.cpp's name of a GGUF mix: types by tensor instead of one storage."""
    matrix: bool | None = None
    """Whether an importance matrix guided the making of the mix; None: only where it must."""
    experts_in_doubt: bool = False
    """Whether routed experts are quantized depends on the software that loads them."""
    notes: tuple[str, ...] = ()


def storage_of(scheme: Scheme, tensor: Tensor, layer: int | None) -> Storage | None:
    """How `scheme` stores `tensor` of layer `layer` (None: outside of the layers); None = as the model's dtype."""
    if tensor.kind == "head" and scheme.head:
        return scheme.head
    if tensor.kind == "embedding" and scheme.embedding:
        return scheme.embedding
    if tensor.kind not in scheme.kinds or len(tensor.shape) < 2:
        return None
    if scheme.rules:
        from planner.model.quantization.names import named, path

        whole = path(tensor.name, layer)
        for rule in scheme.rules:
            if named(rule.names, whole):
                return rule.storage
    if layer is None and not scheme.outside:
        return None
    return (scheme.experts if tensor.kind == "expert" else None) or scheme.storage


def depends_on_layer(scheme: Scheme) -> bool:
    """Whether equal layers may be stored differently."""
    return bool(scheme.mix) or any(rule.names.numbered for rule in scheme.rules)


def applied(scheme: Scheme, architecture: Architecture) -> Scheme:
    """`scheme` as meant for a model: one of routed experts alone takes every matrix of a model without experts."""
    if scheme.kinds != frozenset({"expert"}) or any(layer.experts for layer in architecture.layers):
        return scheme
    return scheme._replace(kinds=MATRICES)
