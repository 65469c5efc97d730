"""The draft of speculative decoding: what its weights take, and the layers that it adds to the cache.

vLLM's `speculative_config` (a mapping, or JSON), its older `speculative_model`, and SGLang's `speculative_*` options.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

from planner.record import NamedTuple

if TYPE_CHECKING:
    from planner.model.stack import Architecture, Layer, Tensor
    from planner.plan.types import ModelPlan

WITHOUT_MODEL = ("ngram", "[ngram]", "suffix")
"""Methods that draft from the text itself."""
SHARED = frozenset({"embedding", "head"})
"""Tensors that layers for further tokens share with the model."""


class Draft(NamedTuple):
    """What drafting takes of each device."""

    weights: int
    """Bytes."""
    layers: tuple[Layer, ...]
    """With a cache of their own."""
    note: str


def draft(options: Mapping[str, object], model: ModelPlan, tensor_parallel: int) -> Draft | None:
    """The draft that an engine's options ask for; None where they ask for none, or for one without a model."""
    stated = _stated(options)
    method, name = str(stated.get("method") or "").lower(), stated.get("model")
    if not stated or method in WITHOUT_MODEL or name in WITHOUT_MODEL:
        return None
    architecture = model.architecture
    if architecture and architecture.layers and (not name or "mtp" in method):
        return _of_itself(architecture, model, tensor_parallel)
    return _of_another(str(name), tensor_parallel) if isinstance(name, str) else None


def _stated(options: Mapping[str, object]) -> Mapping[str, object]:
    """Method and model, under vLLM's names."""
    found = options.get("speculative_config")
    if isinstance(found, str) and found.lstrip()[:1] == "{" and len(found) < 10_000:
        import json

        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            found = None
    if isinstance(found, dict):
        return found
    keys = {
        "method": ("speculative_algorithm", "spec_method"),
        "model": ("speculative_draft_model_path", "speculative_model", "spec_model"),
    }
    read = {ours: next((options[key] for key in names if key in options), None) for ours, names in keys.items()}
    return {key: value for key, value in read.items() if value is not None}


def _of_itself(architecture: Architecture, model: ModelPlan, tensor_parallel: int) -> Draft | None:
    """The checkpoint's own layers for further tokens, which are loaded for this alone."""
    from planner.memory.weights import bytes_of

    own = tuple(tensor for tensor in architecture.stored_only if tensor.kind not in SHARED)
    if not own:
        return Draft(0, (), "drafting: the checkpoint's layers for further tokens are not known, nothing is counted")
    size = bytes_of(own, architecture, model.dtype or "bfloat16", model.scheme)
    like = next((layer for layer in reversed(architecture.layers) if layer.caches), None)
    layers = (like,) * max(1, _attentions(own)) if like else ()
    return Draft(ceil(size / tensor_parallel), layers, "drafting: the checkpoint's layers for further tokens counted")


def _attentions(tensors: tuple[Tensor, ...]) -> int:
    """How many layers with attention: each has one projection of what it put out."""
    return sum(tensor.copies for tensor in tensors if tensor.name.endswith("o_proj"))


def _of_another(name: str, tensor_parallel: int) -> Draft:
    """A model of its own, split like the one that it drafts for."""
    from planner.catalog import models
    from planner.memory.weights import per_device
    from planner.model import read
    from planner.model.config import ConfigError

    row = models.find(name)
    unknown = Draft(0, (), f"drafting: {name[:80]} is not in the catalogue, its weights and its cache are not counted")
    if row is None or row.config is None or row.quantization is not None:
        return unknown
    try:
        architecture = read(row.config)
    except ConfigError:
        return unknown
    weights, _ = per_device(architecture, architecture.dtype or "bfloat16", None, tensor_parallel)
    return Draft(weights, architecture.layers, f"drafting: weights and cache of {row.id} counted")
